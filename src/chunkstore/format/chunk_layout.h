#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "common/compress.h"
#include "common/status.h"

namespace skald::chunkstore {

// The day (UTC, since the epoch) of a time in nanoseconds. Chunks do not span days.
constexpr int64_t kDayNs = 86'400'000'000'000;
constexpr int64_t DayOf(int64_t time_ns) {
  return time_ns / kDayNs - (time_ns % kDayNs < 0 ? 1 : 0);
}

// What a column of a block holds. The numbers are stored and never reused.
enum class ColumnKind : uint8_t {
  kTimes = 1,
  kSeqs = 2,
  kVarintLengths = 3,
  kLines = 4,       // Text with a '\n' after each line, as TextColumn keeps it.
  kMetadata = 5,    // One for each name.
  kSplitLines = 6,  // The text as split/split_lines.h stores it: instead of kLines.
  kLengths = 7,     // Of lines; instead of kVarintLengths, which is not written any more.
};

constexpr bool IsLengths(ColumnKind kind) {
  return kind == ColumnKind::kLengths || kind == ColumnKind::kVarintLengths;
}

// "times", "lines", ... for messages; kUnknownColumn for what a later version may add.
inline constexpr std::string_view kUnknownColumn = "unknown";
std::string_view ColumnKindName(ColumnKind kind);

// What a filter of a block answers. The numbers are stored and never reused.
enum class FilterKind : uint8_t {
  kAllLineGrams = 1,    // Without limits, as kLineGrams was once; not written any more.
  kMetadataValues = 2,  // value_filter.h.
  kLineGrams = 3,       // line_filter.h.
  kLineGramsPart = 4,   // One of the parts of it, of which the next numbers are the others.
};

// A filter of lines is stored in so many parts, or in one piece where it is small.
inline constexpr size_t kLineFilterParts = 4;
// Requires: part < kLineFilterParts.
constexpr FilterKind LineGramsPart(size_t part) {
  return static_cast<FilterKind>(static_cast<size_t>(FilterKind::kLineGramsPart) + part);
}

struct ColumnEntry {
  ColumnKind kind = ColumnKind::kTimes;
  Codec codec = Codec::kNone;
  uint32_t crc32c = 0;  // Of the stored bytes. Here it takes no room: many are kept in memory.
  std::string name;     // Of metadata, else empty.
  uint64_t offset = 0;  // From the start of the block's data.
  uint64_t stored_bytes = 0;  // Compressed.
  uint64_t raw_bytes = 0;     // Decompressed.
};

struct FilterEntry {
  FilterKind kind = FilterKind::kLineGrams;
  uint32_t crc32c = 0;
  // From the start of the chunk's filters; of the block's, until a chunk is made of it.
  uint64_t offset = 0;
  uint64_t bytes = 0;
};

// All that is known of a block without its data.
struct BlockHeader {
  uint64_t entries = 0;
  int64_t min_time = 0;
  int64_t max_time = 0;
  uint64_t min_seq = 0;
  uint64_t max_seq = 0;
  uint64_t line_bytes = 0;      // Of lines, separators apart.
  uint64_t metadata_bytes = 0;  // Names and values, each entry counted; detected_level apart.
  // As model::MetadataVolume counts it; 8 for each entry in blocks of chunks before version 3.
  uint64_t metadata_volume = 0;
  uint64_t data_offset = 0;  // From the start of the chunk.
  uint64_t data_bytes = 0;
  uint64_t filters_bytes = 0;
  std::vector<ColumnEntry> columns;
  std::vector<FilterEntry> filters;

  // Null when the block has none. Metadata columns are asked for by name.
  const ColumnEntry* FindColumn(ColumnKind kind, std::string_view name = {}) const;
  const FilterEntry* FindFilter(FilterKind kind) const;
  // Whether its filter of lines is in parts.
  bool HasLineFilterParts() const { return FindFilter(FilterKind::kLineGramsPart) != nullptr; }
};

// Sums over blocks, as pack directory and index keep them of each chunk.
struct ChunkSummary {
  int64_t min_time = std::numeric_limits<int64_t>::max();
  int64_t max_time = std::numeric_limits<int64_t>::min();
  uint64_t max_seq = 0;
  uint64_t entries = 0;
  uint64_t line_bytes = 0;
  uint64_t metadata_bytes = 0;
  uint64_t metadata_volume = 0;

  void Add(const BlockHeader& block);

  // The share of the chunk's time that lies in [start, end), as if entries came evenly: 0 to 1.
  double ShareWithin(int64_t start, int64_t end) const;
  uint64_t LineBytesWithin(int64_t start, int64_t end) const {
    return static_cast<uint64_t>(static_cast<double>(line_bytes) * ShareWithin(start, end));
  }

  friend bool operator==(const ChunkSummary&, const ChunkSummary&) = default;
};

ChunkSummary SummaryOf(const std::vector<BlockHeader>& blocks);

// What counts as the metadata_volume of entries that were stored before it was counted: as if each
// had one pair, as nearly all have detected_level.
uint64_t EstimateMetadataVolume(uint64_t entries);

struct ChunkHeader {
  uint64_t chunk_bytes = 0;     // All of the chunk.
  uint64_t filters_offset = 0;  // Of all blocks, from the start of the chunk.
  uint64_t filters_bytes = 0;
  std::vector<BlockHeader> blocks;
};

inline constexpr uint32_t kChunkMagic = 0x48434b53;  // "SKCH" in the file.
// What is written. Up to version 4 the filters of a block lay together, and those of lines had no
// parts; version 3 had kVarintLengths, version 2 knew no metadata_volume, version 1 no kSplitLines
// either.
inline constexpr uint32_t kChunkVersion = 5;
// The fixed part in front of the block table.
inline constexpr size_t kChunkPrologueBytes = 28;
// A column larger than this is taken for damage: no push may be as large.
inline constexpr uint64_t kMaxColumnBytes = uint64_t{1} << 30;

// A filter among those of some blocks.
struct FilterPlace {
  size_t block = 0;
  size_t filter = 0;  // Of BlockHeader::filters.
};

// The filters of all blocks, in the order in which a chunk has them: kind by kind, so that those of
// one kind are one read.
std::vector<FilterPlace> FilterOrder(const std::vector<const BlockHeader*>& blocks);

// Prologue and block table for `blocks`, whose filters follow it in their order, and then their
// data, block by block. Sets chunk_bytes, data_offset of each block and the offset of each filter.
std::string EncodeChunkHead(std::vector<BlockHeader>& blocks, uint64_t* chunk_bytes);

// Length of prologue and block table together. kDataLoss unless `bytes` begin with a sound
// prologue. Requires: nothing; fewer than kChunkPrologueBytes are kDataLoss.
Result<uint64_t> DecodeChunkHeadBytes(std::string_view bytes);

// `bytes` hold prologue and block table, perhaps more. kDataLoss for damage, and for any extent
// that leaves the chunk; kUnimplemented for a version from the future.
Result<ChunkHeader> DecodeChunkHead(std::string_view bytes);

}  // namespace skald::chunkstore
