#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "common/hash.h"
#include "model/entry_block.h"

namespace skald::model {

// What each name and value of an entry counts besides the texts.
inline constexpr uint64_t kPairVolume = 8;

// What structured metadata adds to the volume of a stream, as rows are added: kPairVolume for each
// name and value of the row, and each text, be it a name or a value, when the block first shows it.
//
// Compat: dashboards know the volume of a stream as Loki counts it, by its chunks. Those hold each
// text once; here a block stands for the chunk.
//
// Ownership: borrows the block.
// Threads:   not synchronised.
// Cost:      a look at each code, and a hash of texts that may be found elsewhere in the block: of
//            values that are as long as a name or a value of another name.
class MetadataVolume {
 public:
  explicit MetadataVolume(const EntryBlock& block);

  // What the row adds to those before it, or all rows of [begin, end).
  uint64_t Add(size_t row) { return Add(row, row + 1); }
  uint64_t Add(size_t begin, size_t end);

 private:
  struct Column {
    const MetadataColumn* column = nullptr;
    std::vector<uint8_t> seen;  // Whether a row had the code.
    bool has_rows = false;      // Whether a row had any.
  };

  uint64_t AddValue(std::string_view value);
  uint64_t AddShared(std::string_view text);

  std::vector<Column> columns_;
  uint64_t shared_lengths_ = 0;  // A bit for each length modulo 64.
  ViewMap<bool> texts_;          // Seen, of shared lengths.
};

}  // namespace skald::model
