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
  std::vector<model::ScanRequest> requests;
  for (const auto& planned : planned_) requests.push_back(RequestOf(*planned, evaluation.tenant));
  reads_ = JoinReads(requests);
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

bool SharedRanges::Reads(const SharedRead& read, const RangeAggregation& range) const {
  return std::ranges::any_of(read.readers,
                             [&](size_t reader) { return &planned_[reader]->range == &range; });
}

Result<std::vector<SeriesTable>> SharedRanges::ReadFor(
    const std::vector<const PlannedRange*>& ranges, const model::ScanRequest& request) const {
  const auto read = [&](const model::ScanRequest& of) -> Result<std::vector<SeriesTable>> {
    SKALD_ASSIGN_OR_RETURN(const model::StreamScans scans,
                           evaluation_.source.Select(of, evaluation_.context));
    return EvaluateRanges(ranges, of, scans, evaluation_);
  };
  auto tables = read(request);
  if (!IsPipelineError(tables.status()) || request.columns.all_metadata) return tables;
  model::ScanRequest with_all = request;
  with_all.columns.all_metadata = true;
  with_all.counted = true;
  auto told = read(with_all);
  return IsPipelineError(told.status()) ? std::move(told) : std::move(tables);
}

Result<std::vector<SeriesTable>> SharedRanges::EvaluateEach(
    const std::vector<const PlannedRange*>& ranges) const {
  std::vector<SeriesTable> tables;
  for (const PlannedRange* range : ranges) {
    model::ScanRequest request = RequestOf(*range, evaluation_.tenant);
    request.counted = true;
    SKALD_ASSIGN_OR_RETURN(std::vector<SeriesTable> one, ReadFor({range}, request));
    tables.push_back(std::move(one.front()));
  }
  return tables;
}

Result<SeriesTable> SharedRanges::Take(const RangeAggregation& range) {
  if (!tables_.contains(&range)) {
    const auto read =
        std::ranges::find_if(reads_, [&](const SharedRead& one) { return Reads(one, range); });
    if (read == reads_.end()) return Internal("a range aggregation that was not planned");
    std::vector<const PlannedRange*> ranges;
    for (const size_t reader : read->readers) ranges.push_back(planned_[reader].get());
    auto computed = ReadFor(ranges, read->request);
    if (computed.status().code() == StatusCode::kResourceExhausted && ranges.size() > 1) {
      computed = EvaluateEach(ranges);
    }
    SKALD_ASSIGN_OR_RETURN(std::vector<SeriesTable> tables, std::move(computed));
    for (size_t i = 0; i < tables.size(); ++i) {
      tables_.emplace(&ranges[i]->range, std::move(tables[i]));
    }
  }
  return std::move(tables_.extract(&range).mapped());
}

}  // namespace skald::logql
