#include "logql/metric/vector_aggregator.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>
#include <vector>

#include "logql/metric/label_group.h"
#include "logql/metric/range_cells.h"

namespace skald::logql {
namespace {

// The group of each series.
struct Groups {
  std::vector<uint32_t> of_series;
  std::vector<model::Labels> labels;
};

Groups GroupSeries(const VectorAggregation& aggregation, const SeriesTable& table) {
  const Grouping grouping = aggregation.grouping.value_or(Grouping());
  LabelNumbers numbers;
  Groups groups;
  groups.of_series.reserve(table.size());
  for (const model::Labels& labels : table.labels) {
    groups.of_series.push_back(
        numbers.Number(ProjectLabels(labels, grouping.labels, grouping.without)));
  }
  groups.labels = numbers.TakeLabels();
  return groups;
}

template <typename Cell, typename Result>
SeriesTable FoldGroups(const Groups& groups, const SeriesTable& table, Result result) {
  SeriesTable folded(table.steps);
  for (const model::Labels& labels : groups.labels) {
    folded.Add(labels);
  }
  std::vector<Cell> cells(groups.labels.size() * table.steps);
  for (size_t s = 0; s < table.size(); ++s) {
    Cell* row = cells.data() + groups.of_series[s] * table.steps;
    for (size_t k = 0; k < table.steps; ++k) {
      if (table.Present(s)[k] != 0) {
        row[k].Add(0, table.Values(s)[k]);
      }
    }
  }
  for (size_t at = 0; at < cells.size(); ++at) {
    if (!cells[at].empty()) {
      folded.present[at] = 1;
      folded.values[at] = result(cells[at]);
    }
  }
  return folded;
}

// topk, or with `less` reversed bottomk: NaN ranks last; of equal values the first seen stays.
template <typename Before>
SeriesTable SelectBest(const Groups& groups, size_t k, SeriesTable table, Before before) {
  std::vector<std::vector<size_t>> best(groups.labels.size());
  std::vector<uint8_t> kept(table.present.size(), 0);
  for (size_t step = 0; step < table.steps; ++step) {
    for (std::vector<size_t>& list : best) {
      list.clear();
    }
    for (size_t s = 0; s < table.size(); ++s) {
      if (table.Present(s)[step] != 0) {
        best[groups.of_series[s]].push_back(s);
      }
    }
    const auto ranks_before = [&](size_t a, size_t b) {
      const double left = table.Values(a)[step];
      const double right = table.Values(b)[step];
      if (std::isnan(left) || std::isnan(right)) {
        return std::isnan(left) == std::isnan(right) ? a < b : std::isnan(right);
      }
      return left == right ? a < b : before(left, right);
    };
    for (std::vector<size_t>& list : best) {
      const size_t count = std::min(k, list.size());
      std::partial_sort(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(count), list.end(),
                        ranks_before);
      for (size_t n = 0; n < count; ++n) {
        kept[list[n] * table.steps + step] = 1;
      }
    }
  }
  table.present = std::move(kept);
  return table;
}

// Only instant vectors have an order.
template <typename Before>
SeriesTable SortSeries(SeriesTable table, Before before) {
  if (table.steps != 1) {
    return table;
  }
  std::vector<size_t> order(table.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    const double left = table.values[a];
    const double right = table.values[b];
    return std::isnan(left) || std::isnan(right) ? !std::isnan(left) && std::isnan(right)
                                                 : before(left, right);
  });
  SeriesTable sorted(1);
  for (const size_t s : order) {
    const size_t row = sorted.Add(std::move(table.labels[s]));
    sorted.values[row] = table.values[s];
    sorted.present[row] = table.present[s];
  }
  return sorted;
}

}  // namespace

SeriesTable AggregateVector(const VectorAggregation& aggregation, SeriesTable operand) {
  if (aggregation.op == VectorOp::kSort) {
    return SortSeries(std::move(operand), std::less<>());
  }
  if (aggregation.op == VectorOp::kSortDesc) {
    return SortSeries(std::move(operand), std::greater<>());
  }
  const Groups groups = GroupSeries(aggregation, operand);
  const auto k = static_cast<size_t>(aggregation.parameter.value_or(0));
  switch (aggregation.op) {
    case VectorOp::kSum:
      return FoldGroups<SumCell>(groups, operand, [](const SumCell& c) { return c.Sum(); });
    case VectorOp::kAvg:
      return FoldGroups<SumCell>(groups, operand,
                                 [](const SumCell& c) { return c.Sum() / c.count; });
    case VectorOp::kCount:
      return FoldGroups<CountCell>(groups, operand, [](const CountCell& c) { return c.count; });
    case VectorOp::kMin:
      return FoldGroups<ExtremeCell<std::less<>>>(groups, operand,
                                                  [](const auto& c) { return c.value; });
    case VectorOp::kMax:
      return FoldGroups<ExtremeCell<std::greater<>>>(groups, operand,
                                                     [](const auto& c) { return c.value; });
    case VectorOp::kStddev:
      return FoldGroups<MomentCell>(groups, operand,
                                    [](const MomentCell& c) { return std::sqrt(c.Variance()); });
    case VectorOp::kStdvar:
      return FoldGroups<MomentCell>(groups, operand,
                                    [](const MomentCell& c) { return c.Variance(); });
    case VectorOp::kTopk:
    case VectorOp::kApproxTopk:
      return SelectBest(groups, k, std::move(operand), std::greater<>());
    case VectorOp::kBottomk:
      return SelectBest(groups, k, std::move(operand), std::less<>());
    case VectorOp::kSort:
    case VectorOp::kSortDesc:
      break;
  }
  return operand;
}

}  // namespace skald::logql
