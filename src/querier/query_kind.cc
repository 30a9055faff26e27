#include "querier/query_kind.h"

#include <algorithm>
#include <iterator>
#include <variant>

namespace skald::querier {
namespace {

bool DropsLines(const logql::Stage& stage) {
  if (std::holds_alternative<logql::LabelFilter>(stage) ||
      std::holds_alternative<logql::Distinct>(stage) ||
      std::holds_alternative<logql::SortBy>(stage)) {
    return true;
  }
  const auto* filter = std::get_if<logql::LineFilter>(&stage);
  if (filter == nullptr) {
    return false;
  }
  const bool positive =
      filter->op == logql::LineFilterOp::kContains || filter->op == logql::LineFilterOp::kRegex;
  return !positive ||
         std::none_of(filter->alternatives.begin(), filter->alternatives.end(),
                      [](const auto& alternative) { return alternative.text.empty(); });
}

// Whether what a function gives for a range follows from what it gives for pieces of that.
bool IsMadeOfPieces(logql::RangeOp op) {
  using logql::RangeOp;
  constexpr RangeOp kOps[] = {RangeOp::kCount, RangeOp::kRate, RangeOp::kBytes, RangeOp::kBytesRate,
                              RangeOp::kSum,   RangeOp::kMin,  RangeOp::kMax};
  return std::find(std::begin(kOps), std::end(kOps), op) != std::end(kOps);
}

// Finds the longest range, those that can be cut into pieces counted as no longer than `piece_ns`.
struct RangeVisitor {
  int64_t piece_ns;

  int64_t operator()(const logql::RangeAggregation& e) const {
    return IsMadeOfPieces(e.op) ? std::min(e.range.range_ns, piece_ns) : e.range.range_ns;
  }
  int64_t operator()(const logql::VectorAggregation& e) const { return Of(*e.operand); }
  int64_t operator()(const logql::BinaryExpr& e) const {
    return std::max(Of(*e.left), Of(*e.right));
  }
  int64_t operator()(const logql::LabelReplace& e) const { return Of(*e.operand); }
  int64_t Of(const logql::Expr& expr) const { return std::visit(*this, expr.node); }
  template <typename Leaf>
  int64_t operator()(const Leaf&) const {
    return 0;
  }
};

struct UseVisitor {
  logql::VectorOp op;

  bool operator()(const logql::VectorAggregation& e) const {
    return e.op == op || Uses(*e.operand, op);
  }
  bool operator()(const logql::BinaryExpr& e) const {
    return Uses(*e.left, op) || Uses(*e.right, op);
  }
  bool operator()(const logql::LabelReplace& e) const { return Uses(*e.operand, op); }
  template <typename Leaf>
  bool operator()(const Leaf&) const {
    return false;
  }
};

template <typename... Kinds>
bool IsOneOf(const logql::Stage& stage) {
  return (std::holds_alternative<Kinds>(stage) || ...);
}

bool IsParser(const logql::Stage& stage) {
  return IsOneOf<logql::JsonParser, logql::LogfmtParser, logql::RegexpParser, logql::PatternParser,
                 logql::UnpackParser>(stage);
}

bool MergesParts(logql::RangeOp op) {
  switch (op) {
    case logql::RangeOp::kCount:
    case logql::RangeOp::kRate:
    case logql::RangeOp::kBytes:
    case logql::RangeOp::kBytesRate:
    case logql::RangeOp::kAvg:
    case logql::RangeOp::kSum:
    case logql::RangeOp::kMin:
    case logql::RangeOp::kMax:
      return true;
    default:
      return false;
  }
}

struct ShardVisitor {
  const std::vector<std::string>& also;

  bool operator()(const logql::LogExpr&) const { return true; }
  bool operator()(const logql::RangeAggregation& e) const {
    return MergesParts(e.op) ||
           std::find(also.begin(), also.end(), logql::RangeOpName(e.op)) != also.end();
  }
  bool operator()(const logql::VectorAggregation& e) const { return IsShardable(*e.operand, also); }
  bool operator()(const logql::BinaryExpr& e) const {
    return IsShardable(*e.left, also) || IsShardable(*e.right, also);
  }
  bool operator()(const logql::LabelReplace& e) const { return IsShardable(*e.operand, also); }
  template <typename Leaf>
  bool operator()(const Leaf&) const {
    return false;
  }
};

}  // namespace

QueryKind KindOf(const logql::Expr& expr) {
  const auto* log = std::get_if<logql::LogExpr>(&expr.node);
  if (log == nullptr) {
    return QueryKind::kMetric;
  }
  return std::any_of(log->stages.begin(), log->stages.end(), DropsLines) ? QueryKind::kFilter
                                                                         : QueryKind::kLimited;
}

std::string_view QueryKindName(QueryKind kind) {
  switch (kind) {
    case QueryKind::kMetric:
      return "metric";
    case QueryKind::kFilter:
      return "filter";
    case QueryKind::kLimited:
      return "limited";
  }
  return "";
}

int64_t LongestRange(const logql::Expr& expr, int64_t piece_ns) {
  return RangeVisitor{piece_ns}.Of(expr);
}

bool FiltersBeforeParsing(const logql::Expr& expr) {
  bool found = false;
  logql::ForEachLogExpr(expr, [&found](const logql::LogExpr& log) {
    const auto parser = std::find_if(log.stages.begin(), log.stages.end(), IsParser);
    found = found || (parser != log.stages.end() &&
                      std::any_of(log.stages.begin(), parser, IsOneOf<logql::LabelFilter>));
  });
  return found;
}

bool Uses(const logql::Expr& expr, logql::VectorOp op) {
  return std::visit(UseVisitor{op}, expr.node);
}

bool IsShardable(const logql::Expr& expr, const std::vector<std::string>& also) {
  return std::visit(ShardVisitor{also}, expr.node);
}

}  // namespace skald::querier
