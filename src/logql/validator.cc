#include "logql/validator.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <set>
#include <variant>

#include "common/regex.h"
#include "logql/arithmetic.h"
#include "logql/parse_error.h"
#include "logql/pattern.h"
#include "logql/printer.h"
#include "model/label_name.h"

namespace skald::logql {
namespace {

constexpr std::string_view kEmptySelector =
    "queries require at least one regexp or equality matcher that does not have an "
    "empty-compatible value. For instance, app=~\".*\" does not meet this requirement, but "
    "app=~\".+\" will";

enum class UnwrapUse { kForbidden, kRequired, kOptional };

UnwrapUse UnwrapUseOf(RangeOp op) {
  switch (op) {
    case RangeOp::kCount:
    case RangeOp::kBytes:
    case RangeOp::kBytesRate:
    case RangeOp::kCountDistinct:
      return UnwrapUse::kForbidden;
    case RangeOp::kRate:
    case RangeOp::kAbsent:
      return UnwrapUse::kOptional;
    default:
      return UnwrapUse::kRequired;
  }
}

bool TakesGrouping(RangeOp op) {
  switch (op) {
    case RangeOp::kAvg:
    case RangeOp::kMin:
    case RangeOp::kMax:
    case RangeOp::kStdvar:
    case RangeOp::kStddev:
    case RangeOp::kQuantile:
    case RangeOp::kFirst:
    case RangeOp::kLast:
    case RangeOp::kCountDistinct:
      return true;
    default:
      return false;
  }
}

bool TakesParameter(VectorOp op) {
  return op == VectorOp::kTopk || op == VectorOp::kBottomk || op == VectorOp::kApproxTopk;
}

Status CheckOperand(BinaryOp op, const Expr& operand, std::string_view side) {
  const std::string leg = std::string(side) + " leg of ";
  const std::string symbol = "(" + std::string(BinaryOpText(op)) + "): ";
  if (const LogExpr* log = std::get_if<LogExpr>(&operand.node)) {
    return ParseError("unexpected type for " + leg + "binary operation " + symbol +
                      (log->stages.empty() ? "*syntax.MatchersExpr" : "*syntax.PipelineExpr"));
  }
  if (const Literal* literal = std::get_if<Literal>(&operand.node); literal && IsSetOp(op)) {
    char number[400];  // Fits 309 digits and 6 decimals.
    std::snprintf(number, sizeof number, "%f", literal->value);
    return ParseError("unexpected literal for " + leg + "logical/set binary operation " + symbol +
                      number);
  }
  return Status();
}

// Stages that see the whole answer have no place where each window has its own.
Status CheckStagesOfRange(const RangeAggregation& aggregation) {
  for (const Stage& stage : aggregation.range.log.stages) {
    if (!IsAnswerStage(stage)) continue;
    std::string message = "stage '" + Print(stage) + "' is for log queries and cannot stand in " +
                          std::string(RangeOpName(aggregation.op));
    if (const Distinct* distinct = std::get_if<Distinct>(&stage)) {
      message += "; count_distinct_over_time(" + distinct->fields[0] + ", ...) counts its values";
    }
    return ParseError(message);
  }
  return Status();
}

// Walks to every selector.
struct SelectorCheck {
  const Extensions extensions;
  const EmptySelector empty;

  Status operator()(const LogExpr& e) const { return Selector(e.matchers); }
  Status operator()(const RangeAggregation& e) const { return Selector(e.range.log.matchers); }
  Status operator()(const VectorAggregation& e) const { return Operand(*e.operand); }
  Status operator()(const LabelReplace& e) const { return Operand(*e.operand); }
  Status operator()(const BinaryExpr& e) const {
    SKALD_RETURN_IF_ERROR(std::visit(*this, e.left->node));
    return std::visit(*this, e.right->node);
  }
  Status operator()(const Literal&) const { return Status(); }
  Status operator()(const VectorLiteral&) const { return Status(); }

  // Compat: sum(5) is refused as sum over a selector without matchers.
  Status Operand(const Expr& operand) const {
    if (std::holds_alternative<Literal>(operand.node)) return ParseError(kEmptySelector);
    return std::visit(*this, operand.node);
  }

  Status Selector(const model::Matchers& matchers) const {
    if (!matchers.empty() || empty == EmptySelector::kRefused) return CheckSelector(matchers);
    if (extensions == Extensions::kOff) {
      return SwitchedOff(ParseError(kEmptySelector), "{}");
    }
    if (empty == EmptySelector::kAllowed) return Status();
    return ParseError(std::string(kEmptySelector) + " ({} does if the request gives a start)");
  }
};

}  // namespace

Result<double> ParseLiteral(std::string_view text) {
  Result<double> value = ParseNumber(text);
  if (value.ok()) return value;
  return ParseError("unable to parse literal as a float: " + std::string(value.status().message()));
}

Status CheckRangeAggregation(const RangeAggregation& aggregation,
                             const std::optional<std::string>& parameter) {
  const std::string name(RangeOpName(aggregation.op));
  SKALD_RETURN_IF_ERROR(CheckStagesOfRange(aggregation));
  if (aggregation.op == RangeOp::kQuantile) {
    if (!parameter) return ParseError("parameter required for operation " + name);
  } else if (parameter) {
    return ParseError("parameter " + *parameter + " not supported for operation " + name);
  }
  if (aggregation.grouping && !TakesGrouping(aggregation.op)) {
    return ParseError("grouping not allowed for " + name + " aggregation");
  }
  const UnwrapUse use = UnwrapUseOf(aggregation.op);
  const bool unwraps = aggregation.range.unwrap.has_value();
  if (unwraps && use == UnwrapUse::kForbidden) {
    return ParseError("invalid aggregation " + name + " with unwrap");
  }
  if (!unwraps && use == UnwrapUse::kRequired) {
    return ParseError("invalid aggregation " + name + " without unwrap");
  }
  return Status();
}

Result<std::optional<double>> CheckVectorAggregation(VectorOp op, bool grouped,
                                                     const std::optional<std::string>& parameter) {
  const std::string name(VectorOpName(op));
  if (!TakesParameter(op)) {
    if (parameter) {
      return ParseError("unsupported parameter for operation " + name + "(" + *parameter + ",");
    }
    if (grouped && (op == VectorOp::kSort || op == VectorOp::kSortDesc)) {
      return ParseError("sort and sort_desc doesn't allow grouping by ");
    }
    return std::optional<double>();
  }
  if (!parameter) return ParseError("parameter required for operation " + name);
  int64_t k = 0;
  const char* end = parameter->data() + parameter->size();
  const auto parsed = std::from_chars(parameter->data(), end, k);
  if (parsed.ec != std::errc() || parsed.ptr != end) {
    return ParseError("invalid parameter " + name + "(" + *parameter + ",");
  }
  if (k <= 0) {
    return ParseError("invalid parameter (must be greater than 0) " + name + "(" + *parameter);
  }
  if (grouped && op == VectorOp::kApproxTopk) {
    return ParseError("grouping not allowed for approx_topk aggregation");
  }
  return std::optional<double>(static_cast<double>(k));
}

Status CheckOperands(BinaryOp op, const Expr& left, const Expr& right) {
  SKALD_RETURN_IF_ERROR(CheckOperand(op, left, "left"));
  return CheckOperand(op, right, "right");
}

Status CheckRegexpStage(std::string_view pattern) {
  const std::string prefix = "invalid regexp parser: ";
  const auto regex = Regex::Compile(pattern);
  if (!regex.ok()) return ParseError(prefix + std::string(regex.status().message()));
  std::set<std::string_view> names;
  for (const std::string& name : (*regex)->group_names()) {
    if (name.empty()) continue;
    if (!model::IsLabelName(name)) {
      return ParseError(prefix + "invalid extracted label name '" + name + "'");
    }
    if (!names.insert(name).second) {
      return ParseError(prefix + "duplicate extracted label name '" + name + "'");
    }
  }
  if (names.empty()) return ParseError(prefix + "at least one named capture must be supplied");
  return Status();
}

Status CheckPatternStage(std::string_view pattern) {
  const auto parts = ParseCapturePattern(pattern);
  if (parts.ok()) return Status();
  return ParseError("invalid pattern parser: " + std::string(parts.status().message()));
}

Status CheckSelector(const model::Matchers& matchers) {
  const bool selects = std::any_of(matchers.begin(), matchers.end(),
                                   [](const model::Matcher& m) { return !m.MatchesEmpty(); });
  return selects ? Status() : ParseError(kEmptySelector);
}

Status Validate(const Expr& expr, Extensions extensions, EmptySelector empty) {
  return std::visit(SelectorCheck{extensions, empty}, expr.node);
}

}  // namespace skald::logql
