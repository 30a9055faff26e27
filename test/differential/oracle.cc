#include "differential/oracle.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "differential/oracle_range.h"
#include "differential/oracle_stages.h"
#include "differential/oracle_vectors.h"

namespace skald::differential {
namespace {

using namespace logql;  // NOLINT: the tree's names.

using Vector = std::vector<Element>;
using Value = std::variant<double, Vector>;

// The values of an expression, time by time.
class StepEvaluator {
 public:
  StepEvaluator(const DataSet& data, ParserErrors parser_errors)
      : data_(data), parser_errors_(parser_errors) {}

  Result<Value> At(const Expr& expr, int64_t time_ns) {
    Result<Value> value =
        std::visit([&](const auto& node) { return Evaluate(node, time_ns); }, expr.node);
    if (value.ok() && std::holds_alternative<Vector>(*value)) {
      NoteTwins(std::get<Vector>(*value));
    }
    return value;
  }
  bool ambiguous() const { return ambiguous_; }

 private:
  Result<Value> Evaluate(const LogExpr&, int64_t) { return Internal("a log query"); }
  Result<Value> Evaluate(const Literal& e, int64_t) { return Value(e.value); }
  Result<Value> Evaluate(const VectorLiteral& e, int64_t) { return Value(Vector{{{}, e.value}}); }
  Result<Value> Evaluate(const RangeAggregation& e, int64_t time_ns) {
    auto [it, is_new] = samples_.try_emplace(&e);
    if (is_new) it->second = Samples(e, data_, parser_errors_);
    SKALD_ASSIGN_OR_RETURN(Vector vector, EvaluateRange(e, it->second, time_ns));
    return Value(std::move(vector));
  }
  Result<Value> Evaluate(const VectorAggregation& e, int64_t time_ns) {
    SKALD_ASSIGN_OR_RETURN(const Value in, At(*e.operand, time_ns));
    Vector out = AggregateVector(e, std::get<Vector>(in));
    NoteTies(e, std::get<Vector>(in), out);
    return Value(std::move(out));
  }
  Result<Value> Evaluate(const LabelReplace& e, int64_t time_ns) {
    SKALD_ASSIGN_OR_RETURN(Value in, At(*e.operand, time_ns));
    return Value(ReplaceLabel(e, std::get<Vector>(std::move(in))));
  }
  Result<Value> Evaluate(const BinaryExpr& e, int64_t time_ns) {
    SKALD_ASSIGN_OR_RETURN(const Value left, At(*e.left, time_ns));
    SKALD_ASSIGN_OR_RETURN(const Value right, At(*e.right, time_ns));
    const auto* left_number = std::get_if<double>(&left);
    const auto* right_number = std::get_if<double>(&right);
    if (left_number != nullptr && right_number != nullptr) {
      return Value(Compute(e.op, *left_number, *right_number));
    }
    if (left_number != nullptr) {
      return Value(CombineWithNumber(e, std::get<Vector>(right), *left_number, true));
    }
    if (right_number != nullptr) {
      return Value(CombineWithNumber(e, std::get<Vector>(left), *right_number, false));
    }
    SKALD_ASSIGN_OR_RETURN(Vector vector,
                           Combine(e, std::get<Vector>(left), std::get<Vector>(right)));
    return Value(std::move(vector));
  }

  // Elements that have the same labels, which label_replace and topk can make.
  void NoteTwins(const Vector& vector) {
    std::map<LabelMap, int> seen;
    for (const Element& e : vector) ambiguous_ |= ++seen[e.labels] > 1;
  }

  // An element left out by topk that is as large as one that stays.
  void NoteTies(const VectorAggregation& e, const Vector& in, const Vector& out) {
    if (e.op != VectorOp::kTopk && e.op != VectorOp::kBottomk) return;
    for (const Element& left_out : in) {
      const auto same_labels = [&](const Element& o) { return o.labels == left_out.labels; };
      if (std::ranges::any_of(out, same_labels)) continue;
      ambiguous_ |= std::ranges::any_of(out, [&](const Element& o) {
        const bool same = o.value == left_out.value || std::isnan(left_out.value);
        return same &&
               GroupLabels(e.grouping, o.labels) == GroupLabels(e.grouping, left_out.labels);
      });
    }
  }

  const DataSet& data_;
  const ParserErrors parser_errors_;
  std::map<const RangeAggregation*, std::vector<RangeSample>> samples_;
  bool ambiguous_ = false;
};

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

bool IsSort(const Expr& expr) {
  const auto* vector = std::get_if<VectorAggregation>(&expr.node);
  return vector != nullptr && (vector->op == VectorOp::kSort || vector->op == VectorOp::kSortDesc);
}

Answer EvaluateMetric(const Query& query, const DataSet& data, ParserErrors parser_errors) {
  Answer answer;
  answer.kind = query.instant ? Answer::Kind::kVector : Answer::Kind::kMatrix;
  StepEvaluator evaluator(data, parser_errors);
  const int64_t first = query.instant ? query.end_ns : query.start_ns;
  for (int64_t time_ns = first; time_ns <= query.end_ns; time_ns += query.step_ns) {
    Result<Value> value = evaluator.At(*query.expr, time_ns);
    if (!value.ok()) {
      answer.code = value.status().code();
      answer.message = value.status().message();
      return answer;
    }
    if (const auto* number = std::get_if<double>(&*value)) {
      if (query.instant) answer.kind = Answer::Kind::kScalar;
      answer.series[{}].emplace_back(time_ns / 1'000'000, *number);
    } else {
      Vector& vector = std::get<Vector>(*value);
      if (!ContainsSort(*query.expr)) std::ranges::sort(vector, {}, &Element::labels);
      for (const Element& e : vector) {
        answer.series[e.labels].emplace_back(time_ns / 1'000'000, e.value);
        if (query.instant) answer.values.push_back(e.value);
      }
    }
    if (query.instant) break;
  }
  if (ContainsSort(*query.expr) && !IsSort(*query.expr)) answer.values.clear();
  answer.ambiguous = evaluator.ambiguous();
  return answer;
}

// What a line of a categorised answer is put in order by, among those of its time.
std::string OrderKey(const LabelMap& stream, const AnswerLine& line) {
  std::vector<model::LabelView> labels;
  for (const LabelMap* some : {&stream, &line.metadata, &line.parsed}) {
    for (const auto& [name, value] : *some) labels.push_back({name, value});
  }
  return model::Labels(std::move(labels)).ToString();
}

void OrderEqualTimes(model::Direction direction, const LabelMap& stream,
                     std::vector<AnswerLine>& lines) {
  std::ranges::stable_sort(lines, [&](const AnswerLine& a, const AnswerLine& b) {
    const bool forward = direction == model::Direction::kForward;
    if (a.time_ns != b.time_ns) return (a.time_ns < b.time_ns) == forward;
    const std::string key_a = OrderKey(stream, a);
    const std::string key_b = OrderKey(stream, b);
    return forward ? key_a < key_b : key_b < key_a;
  });
}

// Whether the order of some lines is that of texts of error details, which an oracle does not know.
bool OrderIsOfDetails(const std::vector<AnswerLine>& lines) {
  const auto adjacent = std::ranges::adjacent_find(lines, [](const auto& a, const auto& b) {
    return a.time_ns == b.time_ns && a.parsed.contains("__error_details__") &&
           b.parsed.contains("__error_details__");
  });
  return adjacent != lines.end();
}

Answer EvaluateLogs(const Query& query, const DataSet& data) {
  const auto& expr = std::get<LogExpr>(query.expr->node);
  std::vector<Row> rows;
  for (Row& row : Select(expr.matchers, data, ParserErrors::kCount)) {
    if (row.time_ns >= query.start_ns && row.time_ns < query.end_ns &&
        RunStages(expr.stages, row)) {
      rows.push_back(std::move(row));
    }
  }
  std::ranges::stable_sort(rows, {}, &Row::time_ns);
  if (query.direction == model::Direction::kBackward) std::ranges::reverse(rows);
  Answer answer;
  std::optional<int64_t> last_ns;
  rows.resize(std::min<size_t>(rows.size(), query.limit));  // Before an interval thins them out.
  for (const Row& row : rows) {
    if (last_ns && std::abs(row.time_ns - *last_ns) < query.interval_ns) continue;
    last_ns = row.time_ns;
    AnswerLine line{.time_ns = row.time_ns, .line = row.line, .metadata = {}, .parsed = {}};
    if (query.categorize_labels) {
      line.metadata = row.LabelsOf(Category::kMetadata);
      line.parsed = row.LabelsOf(Category::kParsed);
    }
    answer.streams[query.categorize_labels ? row.LabelsOf(Category::kStream) : row.AllLabels()]
        .push_back(std::move(line));
  }
  if (query.categorize_labels) {
    for (auto& [stream, lines] : answer.streams) {
      OrderEqualTimes(query.direction, stream, lines);
      answer.ambiguous = answer.ambiguous || OrderIsOfDetails(lines);
    }
  }
  return answer;
}

}  // namespace

Answer Evaluate(const Query& query, const DataSet& data, ParserErrors parser_errors) {
  return IsLogExpr(*query.expr) ? EvaluateLogs(query, data)
                                : EvaluateMetric(query, data, parser_errors);
}

}  // namespace skald::differential
