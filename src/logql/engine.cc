#include "logql/engine.h"

#include "logql/log_query.h"
#include "logql/metric_query.h"

namespace skald::logql {

Result<model::QueryResult> Engine::Run(const Query& query, model::ScanContext& context) {
  return IsLogExpr(*query.expr) ? RunLogQuery(query, source_, executor_, context)
                                : RunMetricQuery(query, source_, executor_, context);
}

}  // namespace skald::logql
