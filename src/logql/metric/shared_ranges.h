#pragma once

#include <map>
#include <memory>
#include <vector>

#include "common/status.h"
#include "logql/ast.h"
#include "logql/metric/evaluation.h"
#include "logql/metric/range_evaluator.h"
#include "logql/metric/series_table.h"
#include "logql/plan/shared_reads.h"

namespace skald::logql {

// The range aggregations of a metric expression. Those that share a read (plan/shared_reads.h) are
// read together when the first of them is asked for, so that no block is decompressed for each.
//
// Ownership: borrows expression and evaluation.
// Threads:   not synchronised.
// Cost:      samples of all that are read together are in memory at once, if they fit, then their
//            tables.
class SharedRanges {
 public:
  SharedRanges(const Expr& expr, const Evaluation& evaluation);
  SharedRanges(const SharedRanges&) = delete;
  SharedRanges& operator=(const SharedRanges&) = delete;

  // The table of a range aggregation of the expression, with the grouping of a sum around it if
  // that is taken into it. Requires: it was not taken before.
  Result<SeriesTable> Take(const RangeAggregation& range);

 private:
  void Plan(const Expr& expr);
  void PlanOne(const RangeAggregation& range, const Grouping* pushed_down);
  // Evaluates what one read serves. If a row has an error it is read once more with all of its
  // labels, as the error tells them; without one, only what the plan needs is read.
  Result<std::vector<SeriesTable>> ReadFor(const std::vector<const PlannedRange*>& ranges,
                                           const model::ScanRequest& request) const;
  // One after the other, where their samples do not fit into memory together.
  Result<std::vector<SeriesTable>> EvaluateEach(
      const std::vector<const PlannedRange*>& ranges) const;
  bool Reads(const SharedRead& read, const RangeAggregation& range) const;

  const Evaluation& evaluation_;
  std::vector<std::unique_ptr<const PlannedRange>> planned_;
  std::vector<SharedRead> reads_;                          // Readers are indices of planned_.
  std::map<const RangeAggregation*, SeriesTable> tables_;  // Computed, and not taken yet.
};

// The range aggregation that takes over the grouping of a sum around it: a sum of its values over
// series is the operation over their samples. Null where that does not hold.
const RangeAggregation* SumTakenInto(const VectorAggregation& aggregation);

}  // namespace skald::logql
