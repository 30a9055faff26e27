#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/format/chunk_layout.h"
#include "chunkstore/format/line_filter_index.h"
#include "chunkstore/format/lz4_packer.h"
#include "chunkstore/format/pack_terms.h"
#include "chunkstore/format/split/split_lines.h"
#include "common/compress.h"
#include "model/entry_block.h"

namespace skald::chunkstore {

// A block in its stored form, not yet part of a chunk: its header and filters can be read
// (block_filters.h), and its columns decoded (block_decoder.h), as they are.
//
// Threads: immutable once built.
struct SealedBlock {
  BlockHeader header;  // data_offset is not set.
  std::string filters;
  std::string data;
  PackTerms terms;  // For the filter of its pack.

  size_t MemoryBytes() const;
};

// Compresses entries into blocks of a good size.
//
// Threads: not synchronised.
// Cost:    64 KiB of memory for the filter, 96 KiB for lz4, and buffers of the size of a block,
//          which are kept: a sealer that is used again is cheaper than a new one.
class BlockSealer {
 public:
  struct Options {
    size_t block_bytes = 512 << 10;  // Raw bytes of lines and metadata at which a block is cut.
    size_t block_entries = 16384;    // Entries at which a block is cut.
    Codec codec = Codec::kLz4;       // A column that it does not shrink is stored plain.
    int level = 0;                   // The codec's own scale, 0 its default.
    bool split_lines = false;  // Whether lines are cut into columns, where that makes them smaller.
    double filter_percent = 10;  // Most that filters may add to a block; 0: no filters.
  };

  explicit BlockSealer(const Options& options) : options_(options) {}
  BlockSealer(const BlockSealer&) = delete;
  BlockSealer& operator=(const BlockSealer&) = delete;

  // Appends the blocks of `entries` to `out`. Blocks end between different times and do not span
  // midnight (UTC), so that chunks can be cut there; only a burst at one time of several times
  // block_bytes is cut within that time. Requires: all columns of `entries` are there.
  void Seal(const model::EntryBlock& entries, std::vector<SealedBlock>& out);

  size_t MemoryBytes() const;

 private:
  SealedBlock SealRows(const model::EntryBlock& entries, size_t begin, size_t end);
  void AddColumn(SealedBlock& block, ColumnKind kind, std::string_view name, std::string_view raw);
  // By the codec. With kLz4 it notes which bytes are copies. Valid until the next call.
  std::string_view Pack(std::string_view raw);
  // Rows [begin, end), as columns of tokens if that is wanted and pays.
  bool AddSplitLines(SealedBlock& block, const model::EntryBlock& entries, size_t begin, size_t end,
                     std::string_view text);
  // Whether blocks tell what goes into the filter of their pack. Those that are written for a
  // while, as lz4 tells, do not: to look for it would cost a twentieth of what it takes to store
  // lines.
  bool CollectsTerms() const {
    return options_.filter_percent > 0 && options_.codec != Codec::kLz4;
  }
  // Takes in the values of metadata of some rows, which are those of the column added last, for the
  // filters of the block and of the pack.
  void AddValues(const SealedBlock& block, const model::MetadataColumn& column, size_t begin,
                 size_t end);
  // Requires: the column added last holds `text`, if the codec is kLz4.
  void AddFilters(SealedBlock& block, std::string_view text);
  // As LineFilterBuilder::Finish has it.
  std::string LineFilterOf(SealedBlock& block, std::string_view text, size_t max_bytes);

  const Options options_;
  LineFilterBuilder filter_;
  Lz4Packer packer_;
  std::vector<uint64_t> copied_;  // Of the column added last, as Lz4Packer tells it.
  std::string scratch_;           // A column before compression ...
  std::string packed_;            // ... and after.
  std::string data_;              // Of the block at hand, before it gets a string that just fits.
  std::vector<bool> seen_values_;
  std::vector<uint64_t> value_hashes_;  // Of the block at hand, for the filter of its metadata.
  std::vector<std::string_view> rows_;
  SplitBuffers split_buffers_;
  model::TextColumn read_back_;
  std::optional<bool> split_pays_;  // What the first block of a call to Seal has shown.
};

}  // namespace skald::chunkstore
