#include "logql/plan/stage_order.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "logql/plan/stage_facts.h"

namespace skald::logql {
namespace {

constexpr std::string_view kToFront = "the line is the same at the front";
constexpr std::string_view kPastDecolorize = "line filters see colours";
constexpr std::string_view kCheaperFirst = "cheaper ones first";
constexpr std::string_view kPastStages = "its labels are settled by then";

using Order = std::vector<OrderedStage>;

// Compat: whether line filters behind the stage stay behind it, where the line has changed.
bool StopsLineFilters(const Stage& stage) {
  return std::holds_alternative<LineFormat>(stage) || std::holds_alternative<UnpackParser>(stage) ||
         std::holds_alternative<LabelFilter>(stage) || !IsRowByRow(stage);
}

// What a line filter costs for a line, and how few it leaves: lower runs first.
int Rank(const Stage& stage) {
  const auto& filter = std::get<LineFilter>(stage);
  if (std::any_of(filter.alternatives.begin(), filter.alternatives.end(),
                  [](const LineFilterArg& arg) { return arg.ip; })) {
    return 6;
  }
  switch (filter.op) {
    case LineFilterOp::kContains:
      return 0;
    case LineFilterOp::kNotContains:
      return 1;
    case LineFilterOp::kPattern:
      return 2;
    case LineFilterOp::kNotPattern:
      return 3;
    case LineFilterOp::kRegex:
      return 4;
    case LineFilterOp::kNotRegex:
      return 5;
  }
  return 6;
}

void Insert(size_t at, const Stage& stage, std::string_view why, Order& order) {
  order.insert(order.begin() + static_cast<std::ptrdiff_t>(at),
               {.stage = &stage, .why = at == order.size() ? std::string_view() : why});
}

// Returns how many line filters stand at the front.
size_t PlaceLineFilters(const LogExpr& log, Order& order) {
  size_t front = 0;
  bool line_changed = false;
  bool row_by_row = true;
  for (const Stage& stage : log.stages) {
    if (!IsLineFilter(stage)) {
      Insert(order.size(), stage, "", order);
      line_changed = line_changed || ChangesLine(stage);
      row_by_row = row_by_row && IsRowByRow(stage);
      continue;
    }
    if (!line_changed && row_by_row) {
      Insert(front++, stage, kToFront, order);
      continue;
    }
    size_t at = order.size();
    while (at > 0 && !StopsLineFilters(*order[at - 1].stage) &&
           !IsLineFilter(*order[at - 1].stage)) {
      --at;
    }
    const bool reaches_front = row_by_row && at <= front;
    Insert(reaches_front ? front++ : at, stage, line_changed ? kPastDecolorize : kToFront, order);
  }
  return front;
}

void SortFront(size_t front, Order& order) {
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(front);
  const Order before(order.begin(), end);
  std::stable_sort(order.begin(), end, [](const OrderedStage& a, const OrderedStage& b) {
    return Rank(*a.stage) < Rank(*b.stage);
  });
  for (size_t i = 0; i < front; ++i) {
    if (order[i].stage != before[i].stage && order[i].why.empty()) {
      order[i].why = kCheaperFirst;
    }
  }
}

// Names that all streams of the selector have.
std::vector<std::string> StreamLabels(const LogExpr& log) {
  std::vector<std::string> names;
  for (const model::Matcher& matcher : log.matchers) {
    if (!matcher.MatchesEmpty()) {
      names.push_back(matcher.name());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

void PullLabelFilters(const LogExpr& log, Order& order) {
  const std::vector<std::string> stream_labels = StreamLabels(log);
  for (size_t i = 1; i < order.size(); ++i) {
    const auto* filter = std::get_if<LabelFilter>(order[i].stage);
    for (size_t at = i; filter != nullptr && at > 0; --at) {
      if (!MayPass(*filter, *order[at - 1].stage, stream_labels)) {
        break;
      }
      std::swap(order[at - 1], order[at]);
      order[at - 1].why = kPastStages;
    }
  }
}

}  // namespace

std::vector<OrderedStage> OrderStages(const LogExpr& log) {
  Order order;
  const size_t front = PlaceLineFilters(log, order);
  SortFront(front, order);
  PullLabelFilters(log, order);
  return order;
}

}  // namespace skald::logql
