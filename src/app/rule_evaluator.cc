#include "app/rule_evaluator.h"

#include <string_view>
#include <utility>
#include <variant>

namespace skald::app {

RuleEvaluator::RuleEvaluator(querier::Querier& querier)
    : querier_(querier),
      queries_(Metrics::GetCounter("loki_ruler_queries_total", "Queries of rules.")),
      failed_(Metrics::GetCounter("loki_ruler_queries_failed_total",
                                  "Queries of rules that failed.")) {}

Result<ruler::EvaluatedQuery> RuleEvaluator::Evaluate(const model::TenantId& tenant,
                                                      const std::string& expr, int64_t time_ns,
                                                      const CancelToken& cancel) {
  queries_.Add();
  auto answer = Run(tenant, expr, time_ns, cancel);
  if (!answer.ok()) failed_.Add();
  return answer;
}

Result<ruler::EvaluatedQuery> RuleEvaluator::Run(const model::TenantId& tenant,
                                                 const std::string& expr, int64_t time_ns,
                                                 const CancelToken& cancel) {
  model::ScanContext context;
  context.cancel = cancel;
  querier::QueryRequest request;
  request.tenants = {tenant};
  request.text = expr;
  request.instant = true;
  request.start_ns = time_ns;
  request.end_ns = time_ns;
  request.tags = {{"source", "ruler"}};
  auto result = querier_.Run(std::move(request), context);
  if (!result.ok()) {
    // Compat: in these words, whatever the limits say of log queries as instant ones.
    const bool log = result.status().message().find("log queries are not supported as an") !=
                     std::string_view::npos;
    return log ? InvalidArgument("rule result is not a vector or scalar")
               : std::move(result).status();
  }
  ruler::EvaluatedQuery answer;
  for (const std::string& warning : result->warnings) {
    answer.missing += (answer.missing.empty() ? "" : "; ") + warning;
  }
  if (const auto* scalar = std::get_if<model::Scalar>(&result->data)) {
    answer.samples.push_back({.labels = {}, .value = scalar->point.value});
    return answer;
  }
  auto* vector = std::get_if<model::Vector>(&result->data);
  if (vector == nullptr) return InvalidArgument("rule result is not a vector or scalar");
  for (model::Series& series : vector->samples) {
    if (series.points.empty()) continue;
    answer.samples.push_back(
        {.labels = std::move(series.labels), .value = series.points.front().value});
  }
  return answer;
}

}  // namespace skald::app
