#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "chunkstore/format/split/split_stream.h"
#include "common/status.h"
#include "model/line_excerpt.h"

namespace skald::chunkstore {

// What is known of lines of one shape (text_group.h) without reading their columns.
//
// Order:     Read, then the others; Read again for another shape, in the memory of the one before.
// Ownership: borrows the reader's bytes.
// Threads:   not synchronised.
class ShapeOutline {
 public:
  // Passes over the columns of a shape with that text. kDataLoss for what no writer wrote, as far
  // as it is looked at.
  Status Read(SplitReader& in, std::string_view text);

  const model::LineOutline& outline() const { return outline_; }
  // Whether holes are what the outline's text has NULs for.
  bool exact() const { return exact_; }
  // Where each column ends.
  std::span<const SplitReader::Position> column_ends() const { return column_ends_; }

  size_t MemoryBytes() const {
    return outline_.text.capacity() + outline_.holes.capacity() * sizeof(outline_.holes[0]) +
           column_ends_.capacity() * sizeof(column_ends_[0]);
  }

 private:
  Status ReadColumn(SplitReader& in);

  model::LineOutline outline_;
  bool exact_ = true;
  std::vector<SplitReader::Position> column_ends_;
};

}  // namespace skald::chunkstore
