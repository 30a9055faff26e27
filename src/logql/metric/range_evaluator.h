#pragma once

#include "common/status.h"
#include "logql/ast.h"
#include "logql/metric/evaluation.h"
#include "logql/metric/series_table.h"

namespace skald::logql {

// Reads what a range aggregation needs, on all threads of the executor, and computes it at every
// step. Series come ordered by labels. `pushed_down`: as PlanSamples takes it; may be null.
Result<SeriesTable> EvaluateRange(const RangeAggregation& range, const Grouping* pushed_down,
                                  const Evaluation& evaluation);

}  // namespace skald::logql
