#include "chunkstore/format/chunk_layout.h"

#include <algorithm>

#include "common/bytes.h"
#include "common/hash.h"
#include "model/metadata_volume.h"

namespace skald::chunkstore {
namespace {

// Entries that a block may claim: each has a byte of its length and one of its time.
constexpr uint64_t kMaxEntries = kMaxColumnBytes;
// From these on blocks have metadata_volume, and offsets of filters are those in the chunk.
constexpr uint32_t kVolumeVersion = 3;
constexpr uint32_t kFiltersByKindVersion = 5;

void EncodeColumn(const ColumnEntry& column, std::string& out) {
  out.push_back(static_cast<char>(column.kind));
  PutLengthPrefixed(out, column.name);
  out.push_back(static_cast<char>(column.codec));
  PutVarint(out, column.offset);
  PutVarint(out, column.stored_bytes);
  PutVarint(out, column.raw_bytes);
  PutFixed32(out, column.crc32c);
}

void DecodeColumn(ByteReader& reader, ColumnEntry& column) {
  column.kind = static_cast<ColumnKind>(reader.Byte());
  if (const std::string_view name = reader.LengthPrefixed(); !name.empty()) column.name = name;
  column.codec = static_cast<Codec>(reader.Byte());
  column.offset = reader.Varint();
  column.stored_bytes = reader.Varint();
  column.raw_bytes = reader.Varint();
  column.crc32c = reader.Fixed32();
}

void EncodeFilter(const FilterEntry& filter, std::string& out) {
  out.push_back(static_cast<char>(filter.kind));
  PutVarint(out, filter.offset);
  PutVarint(out, filter.bytes);
  PutFixed32(out, filter.crc32c);
}

void DecodeFilter(ByteReader& reader, FilterEntry& filter) {
  filter.kind = static_cast<FilterKind>(reader.Byte());
  filter.offset = reader.Varint();
  filter.bytes = reader.Varint();
  filter.crc32c = reader.Fixed32();
}

void EncodeBlock(const BlockHeader& block, std::string& out) {
  PutVarint(out, block.entries);
  PutVarint(out, ZigZag(block.min_time));
  PutVarint(out, static_cast<uint64_t>(block.max_time) - static_cast<uint64_t>(block.min_time));
  PutVarint(out, block.min_seq);
  PutVarint(out, block.max_seq - block.min_seq);
  PutVarint(out, block.line_bytes);
  PutVarint(out, block.metadata_bytes);
  PutVarint(out, block.metadata_volume);
  PutVarint(out, block.filters_bytes);
  PutVarint(out, block.data_bytes);
  PutVarint(out, block.columns.size());
  for (const ColumnEntry& column : block.columns) EncodeColumn(column, out);
  PutVarint(out, block.filters.size());
  for (const FilterEntry& filter : block.filters) EncodeFilter(filter, out);
}

// Columns or filters of a block, for which there is room from the start; a damaged head may say
// more.
constexpr uint64_t kUsualParts = 16;

// What a block takes in the table at least: counts of its parts, and all numbers before them.
constexpr uint64_t kLeastEntryBytes = 11;

void DecodeBlockEntry(ByteReader& reader, uint32_t version, BlockHeader& block) {
  block.entries = reader.Varint();
  block.min_time = UnZigZag(reader.Varint());
  block.max_time = static_cast<int64_t>(static_cast<uint64_t>(block.min_time) + reader.Varint());
  block.min_seq = reader.Varint();
  block.max_seq = block.min_seq + reader.Varint();
  block.line_bytes = reader.Varint();
  block.metadata_bytes = reader.Varint();
  block.metadata_volume =
      version < kVolumeVersion ? EstimateMetadataVolume(block.entries) : reader.Varint();
  block.filters_bytes = reader.Varint();
  block.data_bytes = reader.Varint();
  uint64_t left = reader.Varint();
  block.columns.reserve(std::min(left, kUsualParts));
  for (; left > 0 && !reader.failed(); --left) DecodeColumn(reader, block.columns.emplace_back());
  left = reader.Varint();
  block.filters.reserve(std::min(left, kUsualParts));
  for (; left > 0 && !reader.failed(); --left) DecodeFilter(reader, block.filters.emplace_back());
}

bool Within(uint64_t offset, uint64_t bytes, uint64_t whole) {
  return bytes <= whole && offset <= whole - bytes;
}

// Whether the columns of a decoded block can be read without leaving its data.
bool IsSound(const BlockHeader& block) {
  if (block.entries == 0 || block.entries > kMaxEntries) return false;
  if (block.max_time < block.min_time || block.max_seq < block.min_seq) return false;
  return std::ranges::all_of(block.columns, [&](const ColumnEntry& column) {
    return Within(column.offset, column.stored_bytes, block.data_bytes) &&
           column.raw_bytes <= kMaxColumnBytes;
  });
}

// Filters of all blocks follow the head, data of all blocks follow the filters. False when they
// do not end where the chunk does.
bool PlaceBlocks(uint64_t head_bytes, ChunkHeader& chunk) {
  chunk.filters_offset = head_bytes;
  chunk.filters_bytes = 0;
  uint64_t offset = head_bytes;
  for (const BlockHeader& block : chunk.blocks) {
    if (!Within(offset, block.filters_bytes, chunk.chunk_bytes)) return false;
    offset += block.filters_bytes;
    chunk.filters_bytes += block.filters_bytes;
  }
  for (BlockHeader& block : chunk.blocks) {
    block.data_offset = offset;
    if (!Within(offset, block.data_bytes, chunk.chunk_bytes)) return false;
    offset += block.data_bytes;
  }
  return offset == chunk.chunk_bytes;
}

// Makes offsets within the filters of blocks, which lie side by side, those within the chunk's.
// False if one leaves its block's.
bool PlaceFiltersOfBlocks(std::vector<BlockHeader>& blocks) {
  uint64_t begin = 0;
  for (BlockHeader& block : blocks) {
    for (FilterEntry& filter : block.filters) {
      if (!Within(filter.offset, filter.bytes, block.filters_bytes)) return false;
      filter.offset += begin;
    }
    begin += block.filters_bytes;
  }
  return true;
}

// Whether filters lie within those of the chunk, and make what their block says it has of them: so
// none is more than a copy of the block may take.
bool HasSoundFilters(const BlockHeader& block, uint64_t filters_bytes) {
  uint64_t left = block.filters_bytes;
  for (const FilterEntry& filter : block.filters) {
    if (!Within(filter.offset, filter.bytes, filters_bytes) || filter.bytes > left) return false;
    left -= filter.bytes;
  }
  return left == 0;
}

// Whether the filters of a decoded chunk are sound; moves those of before.
bool PlaceFilters(uint32_t version, ChunkHeader& chunk) {
  if (version < kFiltersByKindVersion) return PlaceFiltersOfBlocks(chunk.blocks);
  return std::ranges::all_of(chunk.blocks, [&](const BlockHeader& block) {
    return HasSoundFilters(block, chunk.filters_bytes);
  });
}

struct Prologue {
  uint32_t version = 0;
  uint32_t table_bytes = 0;
  uint32_t table_crc = 0;
  uint64_t chunk_bytes = 0;
};

Result<Prologue> DecodePrologue(std::string_view bytes) {
  if (bytes.size() < kChunkPrologueBytes) return DataLoss("head is cut short");
  bytes = bytes.substr(0, kChunkPrologueBytes);
  ByteReader reader(bytes);
  if (reader.Fixed32() != kChunkMagic) return DataLoss("not a chunk: wrong magic");
  const std::string_view covered = bytes.substr(0, kChunkPrologueBytes - 4);
  if (Crc32c(covered) != LoadFixed32(bytes.data() + covered.size())) {
    return DataLoss("prologue: crc mismatch");
  }
  Prologue prologue;
  prologue.version = reader.Fixed32();
  if (prologue.version == 0 || prologue.version > kChunkVersion) {
    return Status(
        StatusCode::kUnimplemented,
        "chunk format version " + std::to_string(prologue.version) + " is not known here");
  }
  prologue.table_bytes = reader.Fixed32();
  prologue.table_crc = reader.Fixed32();
  prologue.chunk_bytes = reader.Fixed64();
  return prologue;
}

}  // namespace

std::string_view ColumnKindName(ColumnKind kind) {
  switch (kind) {
    case ColumnKind::kTimes:
      return "times";
    case ColumnKind::kSeqs:
      return "seqs";
    case ColumnKind::kLengths:
    case ColumnKind::kVarintLengths:
      return "lengths";
    case ColumnKind::kLines:
      return "lines";
    case ColumnKind::kMetadata:
      return "metadata";
    case ColumnKind::kSplitLines:
      return "split lines";
  }
  return kUnknownColumn;
}

const ColumnEntry* BlockHeader::FindColumn(ColumnKind kind, std::string_view name) const {
  for (const ColumnEntry& column : columns) {
    if (column.kind == kind && column.name == name) return &column;
  }
  return nullptr;
}

const FilterEntry* BlockHeader::FindFilter(FilterKind kind) const {
  for (const FilterEntry& filter : filters) {
    if (filter.kind == kind) return &filter;
  }
  return nullptr;
}

void ChunkSummary::Add(const BlockHeader& block) {
  min_time = std::min(min_time, block.min_time);
  max_time = std::max(max_time, block.max_time);
  max_seq = std::max(max_seq, block.max_seq);
  entries += block.entries;
  line_bytes += block.line_bytes;
  metadata_bytes += block.metadata_bytes;
  metadata_volume += block.metadata_volume;
}

ChunkSummary SummaryOf(const std::vector<BlockHeader>& blocks) {
  ChunkSummary summary;
  for (const BlockHeader& block : blocks) summary.Add(block);
  return summary;
}

double ChunkSummary::ShareWithin(int64_t start, int64_t end) const {
  if (start <= min_time && max_time < end) return 1;
  if (max_time < start || min_time >= end) return 0;
  const double whole = static_cast<double>(max_time) - static_cast<double>(min_time) + 1;
  const double from = static_cast<double>(std::max(start, min_time));
  const double until = std::min(static_cast<double>(end), static_cast<double>(max_time) + 1);
  return std::clamp((until - from) / whole, 0.0, 1.0);
}

uint64_t EstimateMetadataVolume(uint64_t entries) { return model::kPairVolume * entries; }

std::vector<FilterPlace> FilterOrder(const std::vector<const BlockHeader*>& blocks) {
  std::vector<FilterPlace> order;
  for (size_t block = 0; block < blocks.size(); ++block) {
    for (size_t filter = 0; filter < blocks[block]->filters.size(); ++filter) {
      order.push_back({.block = block, .filter = filter});
    }
  }
  std::ranges::stable_sort(
      order, {}, [&](const FilterPlace& at) { return blocks[at.block]->filters[at.filter].kind; });
  return order;
}

std::string EncodeChunkHead(std::vector<BlockHeader>& blocks, uint64_t* chunk_bytes) {
  std::vector<const BlockHeader*> headers;
  for (const BlockHeader& block : blocks) headers.push_back(&block);
  uint64_t filters_bytes = 0;
  for (const FilterPlace& at : FilterOrder(headers)) {
    FilterEntry& filter = blocks[at.block].filters[at.filter];
    filter.offset = filters_bytes;
    filters_bytes += filter.bytes;
  }
  std::string table;
  PutVarint(table, blocks.size());
  uint64_t data_bytes = 0;
  for (const BlockHeader& block : blocks) {
    EncodeBlock(block, table);
    data_bytes += block.data_bytes;
  }
  uint64_t end = kChunkPrologueBytes + table.size() + filters_bytes;
  *chunk_bytes = end + data_bytes;
  for (BlockHeader& block : blocks) {
    block.data_offset = end;
    end += block.data_bytes;
  }

  std::string out;
  PutFixed32(out, kChunkMagic);
  PutFixed32(out, kChunkVersion);
  PutFixed32(out, static_cast<uint32_t>(table.size()));
  PutFixed32(out, Crc32c(table));
  PutFixed64(out, *chunk_bytes);
  PutFixed32(out, Crc32c(out));
  out += table;
  return out;
}

Result<uint64_t> DecodeChunkHeadBytes(std::string_view bytes) {
  SKALD_ASSIGN_OR_RETURN(const Prologue prologue, DecodePrologue(bytes));
  return kChunkPrologueBytes + prologue.table_bytes;
}

Result<ChunkHeader> DecodeChunkHead(std::string_view bytes) {
  SKALD_ASSIGN_OR_RETURN(const Prologue prologue, DecodePrologue(bytes));
  bytes.remove_prefix(kChunkPrologueBytes);
  if (bytes.size() < prologue.table_bytes) return DataLoss("block table is cut short");
  const std::string_view table = bytes.substr(0, prologue.table_bytes);
  if (Crc32c(table) != prologue.table_crc) return DataLoss("block table: crc mismatch");

  ChunkHeader header;
  header.chunk_bytes = prologue.chunk_bytes;
  ByteReader reader(table);
  uint64_t left = reader.Varint();
  header.blocks.reserve(std::min(left, table.size() / kLeastEntryBytes));
  for (; left > 0 && !reader.failed(); --left) {
    DecodeBlockEntry(reader, prologue.version, header.blocks.emplace_back());
    if (!IsSound(header.blocks.back())) {
      return DataLoss("block " + std::to_string(header.blocks.size() - 1) + ": bad header");
    }
  }
  SKALD_RETURN_IF_ERROR(reader.Finish("block table"));
  if (!PlaceBlocks(kChunkPrologueBytes + table.size(), header)) {
    return DataLoss("block table does not fit the chunk's length");
  }
  if (!PlaceFilters(prologue.version, header)) return DataLoss("block table: bad filters");
  return header;
}

}  // namespace skald::chunkstore
