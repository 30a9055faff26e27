#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string_view>

#include "common/status.h"

namespace skald::differential {

// What the lines of compacted blocks are made of: how many blocks have columns of tokens, and how
// many columns have each encoding (chunkstore/format/split/token_column.h).
//
// Threads: not synchronised.
class SplitCounts {
 public:
  static constexpr size_t kEncodings = 7;

  // Counts the blocks of a chunk. kDataLoss if it is damaged.
  Status Add(std::string_view chunk);

  uint64_t blocks() const { return blocks_; }
  uint64_t split_blocks() const { return split_blocks_; }
  // Blocks of which some column is cut more finely.
  uint64_t finer_blocks() const { return finer_blocks_; }
  // Of lines, those of what is cut more finely left out; by encoding, of which 1 is the first.
  const std::array<uint64_t, kEncodings>& columns() const { return columns_; }

 private:
  // Whether one of the columns is cut more finely.
  Result<bool> AddColumns(std::string_view stored, uint64_t text_bytes);

  uint64_t blocks_ = 0;
  uint64_t split_blocks_ = 0;
  uint64_t finer_blocks_ = 0;
  std::array<uint64_t, kEncodings> columns_{};
};

std::ostream& operator<<(std::ostream& out, const SplitCounts& counts);

}  // namespace skald::differential
