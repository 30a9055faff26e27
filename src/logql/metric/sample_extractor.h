#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/executor.h"
#include "common/memory_budget.h"
#include "common/status.h"
#include "logql/ast.h"
#include "logql/metric/range_accumulator.h"
#include "logql/metric/series_index.h"
#include "logql/metric/time_cells.h"
#include "logql/plan/scan_plan.h"
#include "logql/stages/label_filter.h"
#include "logql/stages/pipeline.h"

namespace skald::logql {

// How the samples of a range aggregation are made of entries: fixed for a query.
struct SamplePlan {
  RangeFunction function;
  SeriesLabels series;
  ScanPlan scan;
  const Unwrap* unwrap = nullptr;
  bool preserves_errors = false;  // Rows that a stage gave an error are samples like any others.
  const std::string* counted_field = nullptr;  // count_distinct_over_time's.
  std::string outer_label = {};                // Of Query.
};

// `pushed_down`: the grouping of a sum around the aggregation, which may then take its place.
SamplePlan PlanSamples(const RangeAggregation& range, const Grouping* pushed_down);

// Whether `status` is that of a row with an error label: SampleExtractor::Add's.
bool IsPipelineError(const Status& status);

// Turns batches into samples and hands them to an accumulator.
//
// Threads: not synchronised. Each worker of a query has its own.
class SampleExtractor {
 public:
  // kInvalidArgument as Pipeline::Make. Borrows plan, cells and `memory`, which may be null and
  // which it takes what it holds from, until it ends.
  static Result<std::unique_ptr<SampleExtractor>> Make(const SamplePlan& plan,
                                                       const TimeCells& cells,
                                                       MemoryBudget* memory);

  // kInvalidArgument `pipeline error: ...` if a row in a window has an error label; the budget's
  // error; that of `cancel`, soon after it is cancelled.
  Status Add(const model::LogBatch& batch, const CancelToken& cancel);
  // Takes another's samples over, whose series have the numbers in `map` here.
  Status Merge(SampleExtractor& other, const std::vector<uint32_t>& map);

  const RangeAccumulator& accumulator() const { return *accumulator_; }
  const std::vector<model::Labels>& series() const { return index_->series(); }
  // Leaves none behind: Add is over.
  LabelNumbers TakeSeries() { return index_->TakeSeries(); }
  // Bytes of memory held, roughly.
  size_t MemoryBytes() const { return accumulator_->MemoryBytes() + index_->MemoryBytes(); }
  // Rows that passed the stages since the last call.
  uint64_t TakePassedRows() { return std::exchange(passed_rows_, 0); }

 private:
  SampleExtractor(const SamplePlan& plan, const TimeCells& cells, MemoryBudget* memory)
      : plan_(plan), cells_(cells), memory_(memory) {}

  Status AddRows(const model::LogBatch& batch, const CancelToken& cancel);
  Status AddSlice(RowSlice& rows);
  // Rows of a batch that all belong to one series.
  void AddWhole(const model::EntryBlock& block, std::span<const uint32_t> rows, uint32_t series);
  // Reads the unwrapped label; rows without it are dropped, those with a bad one get an error.
  void Unwrap(RowSlice& rows);
  // Reads the field whose values are counted; rows without it are dropped.
  void HashValues(RowSlice& rows);
  Status CheckErrors(const RowSlice& rows) const;

  const SamplePlan& plan_;
  const TimeCells& cells_;
  MemoryClaim memory_;
  std::unique_ptr<Pipeline> pipeline_;
  std::unique_ptr<SeriesIndex> index_;
  std::unique_ptr<RangeAccumulator> accumulator_;
  std::vector<std::unique_ptr<LabelFilterStage>> unwrap_filters_;
  Slot value_slot_ = kNoSlot;  // Of the label that is unwrapped, or whose values are counted.
  uint64_t passed_rows_ = 0;
  uint64_t stream_ = 0;  // Hash of the batch's.

  // Scratch of a slice.
  std::vector<int64_t> times_;
  std::vector<uint32_t> series_of_rows_;
  std::vector<double> values_;
  std::vector<uint64_t> hashes_;
  std::vector<double> unwrapped_;       // By row of the slice.
  std::vector<uint64_t> value_hashes_;  // Likewise.
};

}  // namespace skald::logql
