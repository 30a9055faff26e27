#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/format/split/line_shape.h"
#include "chunkstore/format/split/row_filter.h"
#include "chunkstore/format/split/split_stream.h"
#include "common/status.h"

namespace skald::chunkstore {

// What the columns of a group (text_group.h) may hold of what is looked for, told without reading
// which row has what: from lists of values, from texts and digits as they are stored, and from what
// numbers and times look like. For what is rare that is mostly all there is to read.
//
// Order:   Read, then the others; Read again for another group, in the memory of the one before.
// Threads: not synchronised.
class TextGroupProbe {
 public:
  struct Column {
    RowFilter::Met may_meet = 0;  // What all rows do meet, if they are the same.
    SplitReader::Position end;    // Behind the column.
  };
  struct Shape {
    RowFilter::Met may_meet = 0;  // By any of its columns.
    size_t first_column = 0;
    size_t column_count = 0;
    SplitReader::Position end;
  };

  // Passes over a group of lines. kDataLoss for what no writer wrote, as far as it is looked at.
  // Requires: `filter` outlives the use of what was read.
  Status Read(SplitReader& in, const RowFilter& filter);

  const RowFilter& filter() const { return *filter_; }
  // Whether any text may hold all that is looked for.
  bool MayHoldAll() const { return may_hold_all_; }
  // In their order; that of the texts of no shape is the last, if there are any.
  std::span<const Shape> shapes() const { return shapes_; }
  std::span<const Column> ColumnsOf(const Shape& shape) const {
    return std::span(columns_).subspan(shape.first_column, shape.column_count);
  }

  size_t MemoryBytes() const {
    return shapes_.capacity() * sizeof(Shape) + columns_.capacity() * sizeof(Column) +
           scratch_.capacity();
  }

 private:
  Result<RowFilter::Met> ProbeColumn(SplitReader& in, const RowFilter& filter, Cut cut);
  Result<RowFilter::Met> ProbeTexts(SplitReader& in, const RowFilter& filter);
  Result<RowFilter::Met> ProbeSplit(SplitReader& in, const RowFilter& filter, Cut cut);

  const RowFilter* filter_ = nullptr;
  std::vector<Shape> shapes_;
  std::vector<Column> columns_;
  bool may_hold_all_ = false;
  std::string scratch_;
};

}  // namespace skald::chunkstore
