#include "logql/metric/evaluator.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "logql/metric/shared_ranges.h"
#include "logql/metric/vector_aggregator.h"
#include "logql/plan/constant_folding.h"

namespace skald::logql {
namespace {

SeriesTable ReplaceLabels(const LabelReplace& replace, SeriesTable table) {
  std::vector<std::pair<int, int>> groups;
  for (model::Labels& labels : table.labels) {
    const std::string_view source = labels.Get(replace.source);
    if (!replace.regex->Find(source, 0, groups)) {
      continue;
    }
    std::string value;
    replace.regex->Expand(source, groups, replace.replacement, value);
    labels = model::LabelsBuilder(labels).Set(replace.destination, value).Build();
  }
  return table;
}

SeriesTable ConstantVector(double value, size_t steps) {
  SeriesTable table(steps);
  table.Add(model::Labels());
  table.values.assign(steps, value);
  table.present.assign(steps, 1);
  return table;
}

struct Evaluator {
  const Evaluation& evaluation;
  SharedRanges& ranges;

  Result<MetricValue> Operand(const Expr& expr) const { return std::visit(*this, expr.node); }

  Result<MetricValue> operator()(const LogExpr&) const {
    return Internal("a log query has no samples");
  }

  Result<MetricValue> operator()(const RangeAggregation& range) const {
    return Own(ranges.Take(range));
  }

  Result<MetricValue> operator()(const VectorAggregation& aggregation) const {
    if (const RangeAggregation* range = SumTakenInto(aggregation); range != nullptr) {
      return Own(ranges.Take(*range));
    }
    SKALD_ASSIGN_OR_RETURN(MetricValue operand, Operand(*aggregation.operand));
    if (auto* table = std::get_if<SeriesTable>(&operand)) {
      return MetricValue(AggregateVector(aggregation, std::move(*table)));
    }
    return Internal("an aggregation of a number");
  }

  Result<MetricValue> operator()(const BinaryExpr& binary) const {
    if (const std::optional<Constant> constant = FoldConstant(binary)) {
      return constant->is_vector
                 ? MetricValue(ConstantVector(constant->value, evaluation.grid.count))
                 : MetricValue(constant->value);
    }
    SKALD_ASSIGN_OR_RETURN(MetricValue left, Operand(*binary.left));
    SKALD_ASSIGN_OR_RETURN(MetricValue right, Operand(*binary.right));
    return ApplyBinary(binary, std::move(left), std::move(right));
  }

  Result<MetricValue> operator()(const Literal& literal) const {
    return MetricValue(literal.value);
  }

  Result<MetricValue> operator()(const VectorLiteral& vector) const {
    return MetricValue(ConstantVector(vector.value, evaluation.grid.count));
  }

  Result<MetricValue> operator()(const LabelReplace& replace) const {
    SKALD_ASSIGN_OR_RETURN(MetricValue operand, Operand(*replace.operand));
    if (auto* table = std::get_if<SeriesTable>(&operand)) {
      return MetricValue(ReplaceLabels(replace, std::move(*table)));
    }
    return operand;
  }

 private:
  static Result<MetricValue> Own(Result<SeriesTable> table) {
    return table.ok() ? Result<MetricValue>(MetricValue(*std::move(table)))
                      : Result<MetricValue>(std::move(table).status());
  }
};

}  // namespace

Result<MetricValue> Evaluate(const Expr& expr, const Evaluation& evaluation) {
  SharedRanges ranges(expr, evaluation);
  return Evaluator{evaluation, ranges}.Operand(expr);
}

}  // namespace skald::logql
