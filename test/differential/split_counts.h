#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string_view>

#include "chunkstore/format/split/split_stream.h"
#include "common/status.h"

namespace skald::differential {

// What the lines of compacted blocks are made of: how many blocks have columns of tokens, how many
// columns have each encoding (chunkstore/format/split/token_column.h), and how many of those that
// tokens are cut into where they are cut more finely.
//
// Threads: not synchronised.
class SplitCounts {
 public:
  // Of encodings, in the order of their numbers, of which 1 is the first.
  static constexpr std::array<std::string_view, 7> kNames = {"same",  "listed", "decimals", "hex",
                                                             "times", "texts",  "split"};
  using ByEncoding = std::array<uint64_t, kNames.size()>;

  // Counts the blocks of a chunk. kDataLoss if it is damaged.
  Status Add(std::string_view chunk);

  uint64_t blocks() const { return blocks_; }
  uint64_t split_blocks() const { return split_blocks_; }
  // Blocks of which some column is cut more finely.
  uint64_t finer_blocks() const { return finer_blocks_; }
  // Of tokens of lines, and of words of tokens, which are not cut in their turn.
  const ByEncoding& columns() const { return columns_; }
  const ByEncoding& word_columns() const { return word_columns_; }

 private:
  // Adds to `columns` those of a group of texts.
  Status AddColumns(chunkstore::SplitReader& in, ByEncoding& columns);

  uint64_t blocks_ = 0;
  uint64_t split_blocks_ = 0;
  uint64_t finer_blocks_ = 0;
  ByEncoding columns_{};
  ByEncoding word_columns_{};
};

std::ostream& operator<<(std::ostream& out, const SplitCounts& counts);

}  // namespace skald::differential
