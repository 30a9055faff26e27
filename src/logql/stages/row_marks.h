#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "logql/ast.h"
#include "logql/stages/stage.h"

namespace skald::logql {

// What the answer stages of a query (distinct, sort, limit) must know of a slice's rows: which of
// them get that far through the pipeline, and the values of their fields there. The stages
// themselves need all entries in order, so they run later, on what was found; marks let the
// pipeline run through to its end at once.
//
// Order:     Clear, the mark stages run, MarkEnd; the rest after that.
// Ownership: values are those of the slice, and live as long.
// Threads:   not synchronised.
class RowMarks {
 public:
  // The stage that marks the rows which get to `stage`, the next one in order.
  std::unique_ptr<BatchStage> Add(const Stage& stage, LabelColumns& labels);

  void Clear();
  // Marks the rows that get through the whole pipeline.
  void MarkEnd(const std::vector<uint16_t>& rows);

  size_t size() const { return marks_.size(); }
  // The rows that get to a stage, ascending.
  const std::vector<uint16_t>& rows(size_t stage) const { return marks_[stage].rows; }
  // Of a row that gets there: what sort sorts by, or what distinct tells rows apart by. Labels that
  // are missing are as good as empty ones.
  std::string_view value(size_t stage, size_t i) const { return marks_[stage].values[i]; }
  // How many of the stages a row gets to, the end of the pipeline counted as one. Requires: it gets
  // to one at least.
  size_t reached(size_t i) const { return reached_[i]; }

 private:
  class MarkStage;
  struct Mark {
    std::vector<uint16_t> rows;
    std::vector<std::string_view> values;  // By row of the slice; none for limit.
  };

  std::vector<Mark> marks_;
  std::vector<uint32_t> reached_;  // By row of the slice.
};

}  // namespace skald::logql
