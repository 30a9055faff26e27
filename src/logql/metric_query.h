#pragma once

#include "common/executor.h"
#include "common/status.h"
#include "logql/engine.h"
#include "logql/metric/series_table.h"

namespace skald::logql {

// The points in time that a metric query is evaluated at.
StepGrid GridOf(const Query& query);

// Runs a query whose expression is a metric: a vector or scalar when it is instant, else a matrix.
// Errors as Engine::Run.
Result<model::QueryResult> RunMetricQuery(const Query& query, LogSource& source, Executor& executor,
                                          model::ScanContext& context);

}  // namespace skald::logql
