#include "logql/metric_query.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "logql/metric/evaluator.h"

namespace skald::logql {
namespace {

bool ContainsSort(const Expr& expr) {
  struct Visitor {
    bool operator()(const VectorAggregation& e) const {
      return e.op == VectorOp::kSort || e.op == VectorOp::kSortDesc || ContainsSort(*e.operand);
    }
    bool operator()(const BinaryExpr& e) const {
      return ContainsSort(*e.left) || ContainsSort(*e.right);
    }
    bool operator()(const LabelReplace& e) const { return ContainsSort(*e.operand); }
    bool operator()(const LogExpr&) const { return false; }
    bool operator()(const RangeAggregation&) const { return false; }
    bool operator()(const Literal&) const { return false; }
    bool operator()(const VectorLiteral&) const { return false; }
  };
  return std::visit(Visitor{}, expr.node);
}

std::vector<model::Series> ToSeries(SeriesTable table, const StepGrid& grid) {
  std::vector<model::Series> all;
  for (size_t s = 0; s < table.size(); ++s) {
    model::Series series;
    for (size_t k = 0; k < table.steps; ++k) {
      if (table.Present(s)[k] != 0) {
        series.points.push_back({.time_ms = grid.At(k) / 1'000'000, .value = table.Values(s)[k]});
      }
    }
    if (!series.points.empty()) {
      series.labels = std::move(table.labels[s]);
      all.push_back(std::move(series));
    }
  }
  return all;
}

// Holds the result against the limit: an error, or a warning and a shorter result.
Status LimitSeries(const Query& query, model::ScanContext& context,
                   std::vector<model::Series>& series) {
  if (query.max_series == 0 || series.size() <= query.max_series) {
    return Status();
  }
  const std::string text = "maximum number of series (" + std::to_string(query.max_series) +
                           ") reached for a single query; ";
  if (!query.partial_series) {
    return ResourceExhausted(
        text +
        "consider reducing query cardinality by adding more specific stream selectors, reducing "
        "the time range, or aggregating results with functions like sum(), count() or topk()");
  }
  context.warnings.Add(text + "returning partial results");
  series.resize(query.max_series);
  return Status();
}

model::ResultData NumberResult(double value, const Query& query, const StepGrid& grid) {
  if (query.instant) {
    return model::Scalar{{.time_ms = grid.start_ns / 1'000'000, .value = value}};
  }
  model::Series series;
  for (size_t k = 0; k < grid.count; ++k) {
    series.points.push_back({.time_ms = grid.At(k) / 1'000'000, .value = value});
  }
  model::Matrix matrix;
  matrix.series.push_back(std::move(series));
  return matrix;
}

}  // namespace

StepGrid GridOf(const Query& query) {
  if (query.instant) {
    return {.start_ns = query.end_ns, .step_ns = 0, .count = 1};
  }
  const int64_t step = query.step_ns;
  const int64_t span = query.end_ns - query.start_ns;
  return {.start_ns = query.start_ns,
          .step_ns = step,
          .count = step <= 0 || span < 0 ? 1 : static_cast<size_t>(span / step) + 1};
}

Result<model::QueryResult> RunMetricQuery(const Query& query, LogSource& source, Executor& executor,
                                          model::ScanContext& context) {
  const Evaluation evaluation{.source = source,
                              .executor = executor,
                              .context = context,
                              .tenant = query.tenant,
                              .grid = GridOf(query),
                              .memory = query.memory,
                              .outer_label = query.outer_label,
                              .min_shard_bytes = query.min_shard_bytes};
  SKALD_ASSIGN_OR_RETURN(MetricValue value, Evaluate(*query.expr, evaluation));
  model::QueryResult result;
  if (const auto* number = std::get_if<double>(&value)) {
    result.data = NumberResult(*number, query, evaluation.grid);
    return result;
  }
  std::vector<model::Series> series =
      ToSeries(std::get<SeriesTable>(std::move(value)), evaluation.grid);
  if (!query.instant || !ContainsSort(*query.expr)) {
    std::stable_sort(series.begin(), series.end(),
                     [](const auto& a, const auto& b) { return a.labels < b.labels; });
  }
  SKALD_RETURN_IF_ERROR(LimitSeries(query, context, series));
  if (query.instant) {
    result.data = model::Vector{std::move(series)};
  } else {
    result.data = model::Matrix{std::move(series)};
  }
  return result;
}

}  // namespace skald::logql
