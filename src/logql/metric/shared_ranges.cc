#include "logql/metric/shared_ranges.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace skald::logql {
namespace {

// Whether a sum of the operation's values over series is the operation over their samples.
bool IsAdditive(RangeOp op) {
  return op == RangeOp::kCount || op == RangeOp::kRate || op == RangeOp::kBytes ||
         op == RangeOp::kBytesRate || op == RangeOp::kSum;
}

}  // namespace

const RangeAggregation* SumTakenInto(const VectorAggregation& aggregation) {
  const auto* range = std::get_if<RangeAggregation>(&aggregation.operand->node);
  const bool taken = range != nullptr && aggregation.op == VectorOp::kSum &&
                     IsAdditive(range->op) && !range->grouping;
  return taken ? range : nullptr;
}

SharedRanges::SharedRanges(const Expr& expr, const Evaluation& evaluation)
    : evaluation_(evaluation) {
  Plan(expr);
  for (const auto& planned : planned_) Join(*planned);
}

void SharedRanges::Plan(const Expr& expr) {
  if (const auto* range = std::get_if<RangeAggregation>(&expr.node)) {
    PlanOne(*range, nullptr);
  } else if (const auto* aggregation = std::get_if<VectorAggregation>(&expr.node)) {
    const RangeAggregation* summed = SumTakenInto(*aggregation);
    if (summed == nullptr) return Plan(*aggregation->operand);
    const Grouping grouping = aggregation->grouping.value_or(Grouping());
    PlanOne(*summed, &grouping);
  } else if (const auto* binary = std::get_if<BinaryExpr>(&expr.node)) {
    Plan(*binary->left);
    Plan(*binary->right);
  } else if (const auto* replace = std::get_if<LabelReplace>(&expr.node)) {
    Plan(*replace->operand);
  }
}

void SharedRanges::PlanOne(const RangeAggregation& range, const Grouping* pushed_down) {
  planned_.push_back(
      std::make_unique<const PlannedRange>(PlanRange(range, pushed_down, evaluation_)));
}

void SharedRanges::Join(const PlannedRange& range) {
  Group joined;
  std::erase_if(groups_, [&](const Group& group) {
    const bool alike = std::ranges::any_of(
        group, [&](const PlannedRange* other) { return ReadsAlike(*other, range); });
    if (alike) joined.insert(joined.end(), group.begin(), group.end());
    return alike;
  });
  joined.push_back(&range);
  groups_.push_back(std::move(joined));
}

Result<SeriesTable> SharedRanges::Take(const RangeAggregation& range) {
  if (!tables_.contains(&range)) {
    const auto group = std::ranges::find_if(groups_, [&](const Group& candidate) {
      return std::ranges::any_of(
          candidate, [&](const PlannedRange* planned) { return &planned->range == &range; });
    });
    if (group == groups_.end()) return Internal("a range aggregation that was not planned");
    SKALD_ASSIGN_OR_RETURN(std::vector<SeriesTable> tables, EvaluateRanges(*group, evaluation_));
    for (size_t i = 0; i < tables.size(); ++i) {
      tables_.emplace(&(*group)[i]->range, std::move(tables[i]));
    }
  }
  return std::move(tables_.extract(&range).mapped());
}

}  // namespace skald::logql
