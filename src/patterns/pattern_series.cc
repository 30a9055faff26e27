#include "patterns/pattern_series.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

namespace skald::patterns {
namespace {

bool IsLarger(const PatternSeries& a, const PatternSeries& b) {
  if (a.total != b.total) return a.total > b.total;
  return std::tie(a.pattern, a.level) < std::tie(b.pattern, b.level);
}

}  // namespace

std::vector<PatternSeries> MergePatterns(const std::vector<PatternSeries>& all, uint64_t min_total,
                                         size_t max_patterns) {
  std::map<std::pair<std::string_view, std::string_view>, std::map<int64_t, uint64_t>> counts;
  for (const PatternSeries& series : all) {
    auto& samples = counts[{series.pattern, series.level}];
    for (const PatternSample& sample : series.samples) samples[sample.seconds] += sample.count;
  }
  std::vector<PatternSeries> merged;
  for (const auto& [key, samples] : counts) {
    PatternSeries series{.pattern = std::string(key.first), .level = std::string(key.second)};
    for (const auto& [seconds, count] : samples) {
      series.samples.push_back({.seconds = seconds, .count = count});
      series.total += count;
    }
    if (series.total >= min_total) merged.push_back(std::move(series));
  }
  std::sort(merged.begin(), merged.end(), IsLarger);
  merged.resize(std::min(merged.size(), max_patterns));
  return merged;
}

}  // namespace skald::patterns
