#pragma once

#include <vector>

#include "common/status.h"
#include "logql/ast.h"
#include "logql/metric/evaluation.h"
#include "logql/metric/sample_extractor.h"
#include "logql/metric/series_table.h"
#include "logql/metric/time_cells.h"

namespace skald::logql {

// A range aggregation, and how it is read.
//
// Ownership: borrows the aggregation.
// Threads:   immutable.
struct PlannedRange {
  const RangeAggregation& range;
  SamplePlan plan;
  TimeCells cells;
};

// `pushed_down`: as PlanSamples takes it; may be null.
PlannedRange PlanRange(const RangeAggregation& range, const Grouping* pushed_down,
                       const Evaluation& evaluation);

// Whether blocks of one are blocks of the other, so that both are better read at once: they read
// the same streams, at times that meet, and both need lines or neither does. To read lines for one
// that goes by times and lengths alone would cost more than to read these twice.
bool ReadsAlike(const PlannedRange& a, const PlannedRange& b);

// Reads what range aggregations need, once for all of them and on all threads of the executor, and
// computes each at every step. Series come ordered by labels. Requires: there is one, or each
// reads alike with another.
Result<std::vector<SeriesTable>> EvaluateRanges(const std::vector<const PlannedRange*>& ranges,
                                                const Evaluation& evaluation);

}  // namespace skald::logql
