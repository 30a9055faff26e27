#pragma once

#include <vector>

#include "common/status.h"
#include "logql/ast.h"
#include "logql/metric/evaluation.h"
#include "logql/metric/sample_extractor.h"
#include "logql/metric/series_table.h"
#include "logql/metric/time_cells.h"
#include "model/batch_source.h"
#include "model/ids.h"

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

// What it asks of a source.
model::ScanRequest RequestOf(const PlannedRange& range, const model::TenantId& tenant);

// Reads what range aggregations need, once for all of them and on all threads of the executor, and
// computes each at every step. Series come ordered by labels. Nothing of the budget is kept after
// an error. Requires: `scans` are what `request` selects, and it covers the requests of all
// (plan/wide_request.h).
Result<std::vector<SeriesTable>> EvaluateRanges(const std::vector<const PlannedRange*>& ranges,
                                                const model::ScanRequest& request,
                                                const model::StreamScans& scans,
                                                const Evaluation& evaluation);

}  // namespace skald::logql
