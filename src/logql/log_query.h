#pragma once

#include "common/executor.h"
#include "common/status.h"
#include "logql/engine.h"

namespace skald::logql {

// Runs a query whose expression is a selector with stages: its newest (or oldest) entries up to
// the limit. Errors as Engine::Run.
Result<model::QueryResult> RunLogQuery(const Query& query, LogSource& source, Executor& executor,
                                       model::ScanContext& context);

}  // namespace skald::logql
