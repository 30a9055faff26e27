#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "logql/metric/distinct_cell.h"
#include "logql/metric/range_cells.h"

namespace skald::logql {

// Results of a window's fold. `Cell` is what they need of the samples.
template <typename CellType, double (*kResult)(const CellType&)>
struct FoldResult {
  using Cell = CellType;
  double divisor = 1;
  double operator()(Cell& fold, int64_t) const { return kResult(fold) / divisor; }
};

inline double CountOf(const CountCell& c) { return c.count; }
inline double SumOf(const SumCell& c) { return c.Sum(); }
inline double MeanOf(const SumCell& c) { return c.Sum() / c.count; }
inline double VarianceOf(const MomentCell& c) { return c.Variance(); }
inline double DeviationOf(const MomentCell& c) { return std::sqrt(c.Variance()); }
using MinCell = ExtremeCell<std::less<>>;
using MaxCell = ExtremeCell<std::greater<>>;
using FirstCell = EdgeCell<Edge::kFirst>;
using LastCell = EdgeCell<Edge::kLast>;
inline double MinOf(const MinCell& c) { return c.value; }
inline double MaxOf(const MaxCell& c) { return c.value; }
inline double FirstOf(const FirstCell& c) { return c.value; }
inline double LastOf(const LastCell& c) { return c.value; }
inline double DistinctOf(const DistinctCell& c) { return c.Count(); }

struct QuantileResult {
  using Cell = ValuesCell;
  double quantile = 0;

  // Linear between the two values next to rank quantile * (n - 1).
  double operator()(Cell& fold, int64_t) const {
    if (std::isnan(quantile)) {
      return quantile;
    }
    if (quantile < 0 || quantile > 1) {
      const double infinity = std::numeric_limits<double>::infinity();
      return quantile < 0 ? -infinity : infinity;
    }
    std::vector<double>& values = fold.values;
    const double rank = quantile * static_cast<double>(values.size() - 1);
    const auto lower = values.begin() + static_cast<std::ptrdiff_t>(rank);
    const auto less = [](double a, double b) { return a < b || (std::isnan(a) && !std::isnan(b)); };
    std::nth_element(values.begin(), lower, values.end(), less);
    const double weight = rank - std::floor(rank);
    if (weight == 0 || lower + 1 == values.end()) {
      return *lower;  // Itself: nothing of the next one, which may be infinite.
    }
    const double upper = *std::min_element(lower + 1, values.end(), less);
    return *lower * (1 - weight) + upper * weight;
  }
};

// The rate of a counter as Prometheus has it: increases over resets, extrapolated to the ends of
// the window where samples come close to them, but not below zero.
struct CounterRateResult {
  using Cell = SamplesCell;
  int64_t range_ns = 0;

  double operator()(Cell& fold, int64_t window_end) const {
    std::vector<TimedValue>& samples = fold.values;
    if (samples.size() < 2) {
      return 0;
    }
    std::sort(samples.begin(), samples.end());
    double increase = samples.back().value - samples.front().value;
    for (size_t i = 1; i < samples.size(); ++i) {
      if (samples[i].value < samples[i - 1].value) {
        increase += samples[i - 1].value;
      }
    }
    return increase * Stretch(samples, increase, window_end) / static_cast<double>(range_ns) * 1e9;
  }

 private:
  // By how much the samples' span grows.
  double Stretch(const std::vector<TimedValue>& samples, double increase,
                 int64_t window_end) const {
    const auto span = static_cast<double>(samples.back().time - samples.front().time);
    const double average = span / static_cast<double>(samples.size() - 1);
    auto to_start = static_cast<double>(samples.front().time - (window_end - range_ns));
    if (increase > 0 && samples.front().value >= 0) {
      to_start = std::min(to_start, span * (samples.front().value / increase));
    }
    const auto to_end = static_cast<double>(window_end - samples.back().time);
    const double threshold = average * 1.1;
    return (span + (to_start < threshold ? to_start : average / 2) +
            (to_end < threshold ? to_end : average / 2)) /
           span;
  }
};

}  // namespace skald::logql
