#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "common/status.h"
#include "logql/ast.h"
#include "logql/stages/label_columns.h"
#include "logql/stages/label_filter.h"
#include "logql/stages/label_needs.h"
#include "logql/stages/line_filter.h"
#include "logql/stages/line_prefilter.h"
#include "logql/stages/row_marks.h"
#include "logql/stages/row_slice.h"
#include "logql/stages/stage.h"
#include "model/log_batch.h"

namespace skald::logql {

// The stages of a selector, ready to run. Line filters at the front work on a whole block; what
// they leave goes through the other stages in slices.
//
// Order:     (Start RunSlice*)*
// Ownership: borrows the batch given to Start until the next Start.
// Threads:   not synchronised. Each worker of a query has its own.
class Pipeline {
 public:
  // `stages`, `needs` and `line_literals` as ScanPlan has them. kInvalidArgument
  // `parse error : stage '...' : cause`. Answer stages get their marks in `marks`, which the
  // pipeline borrows; if that is null they are refused.
  static Result<std::unique_ptr<Pipeline>> Make(
      const std::vector<const Stage*>& stages, const LabelNeeds& needs,
      const std::vector<model::LabelLiteral>& line_literals = {}, RowMarks* marks = nullptr);
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // Keeps a label of streams out of the stages' sight; entries that pass them have it again. For
  // labels that are not of the data, as the tenant's in a query over several.
  void HideFromStages(std::string_view label);

  // Takes a batch. Returns its rows that pass the line filters, ascending; not all of those that
  // later stages are sure to drop.
  const std::vector<uint32_t>& Start(const model::LogBatch& batch);

  // Runs the other stages on `rows`: at most kSliceRows of those that Start returned.
  RowSlice& RunSlice(std::span<const uint32_t> rows);
  // How many of them to run between two looks at whether the answer is still wanted: fewer where a
  // row may take many microseconds.
  size_t slice_rows() const { return slice_rows_; }

  // Whether Start has done it all, and labels are those of the stream and the metadata.
  bool only_line_filters() const { return stages_.empty(); }
  RowSlice& slice() { return slice_; }

 private:
  explicit Pipeline(RowMarks* marks) : marks_(marks) {}
  Status Append(const std::vector<const Stage*>& stages, size_t at, const LabelNeeds& needs);
  void RunStages();

  RowMarks* const marks_;  // May be null.
  std::vector<std::unique_ptr<LineFilterStage>> line_filters_;
  std::vector<std::unique_ptr<LinePrefilter>> prefilters_;
  std::vector<std::unique_ptr<BatchStage>> stages_;
  std::vector<uint32_t> selection_;
  RowSlice slice_;
  size_t slice_rows_ = kSliceRows;
  Slot hidden_ = kNoSlot;
  std::string_view hidden_value_;  // Of the batch's stream.
};

}  // namespace skald::logql
