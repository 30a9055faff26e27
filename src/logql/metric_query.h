#pragma once

#include "common/executor.h"
#include "common/status.h"
#include "logql/engine.h"

namespace skald::logql {

// Runs a query whose expression is a metric: a vector or scalar when it is instant, else a matrix.
// Errors as Engine::Run.
Result<model::QueryResult> RunMetricQuery(const Query& query, LogSource& source, Executor& executor,
                                          model::ScanContext& context);

}  // namespace skald::logql
