#include "patterns/held_patterns.h"

#include <string>
#include <utility>

#include "patterns/stream_patterns.h"

namespace skald::patterns {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;

// The counts of a pattern with times rounded down, by time.
void AddSamples(const std::vector<StepCounts::Count>& counts, model::TimeRange range,
                int64_t step_ns, PatternSeries& series) {
  constexpr int64_t kCountNs = StepCounts::kStepSeconds * kSecondNs;
  for (const StepCounts::Count& count : counts) {
    const int64_t time_ns = count.seconds() * kSecondNs;
    if (time_ns >= range.end || time_ns + kCountNs <= range.start) continue;
    const int64_t seconds = (time_ns - time_ns % step_ns) / kSecondNs;
    if (series.samples.empty() || series.samples.back().seconds != seconds) {
      series.samples.push_back({.seconds = seconds});
    }
    series.samples.back().count += count.count;
    series.total += count.count;
  }
}

}  // namespace

void AddPatterns(const StreamPatterns& stream, model::TimeRange range, int64_t step_ns,
                 HeldPatterns& held) {
  stream.ForEach([&](uint64_t id, const std::string& level, const auto& pattern,
                     const StepCounts& counts, const std::vector<CountGap>& gaps) {
    held.counts.ids.insert(id);
    if (!gaps.empty()) held.counts.gaps.emplace(id, gaps);
    PatternSeries series{.pattern = {}, .level = level};
    AddSamples(counts.counts(), range, step_ns, series);
    if (series.total == 0) return;
    series.pattern = pattern();
    held.series.push_back(std::move(series));
  });
}

void AddWaiting(const UnwrittenCounts& waiting, uint64_t batch, model::TimeRange range,
                int64_t step_ns, HeldPatterns& held) {
  std::vector<StepCounts::Count> counts = waiting.counts;
  std::erase_if(counts, [&](const StepCounts::Count& count) {
    return held.counts.PatternHas(waiting.id, batch, count.seconds(), StepCounts::kStepSeconds);
  });
  PatternSeries series{.pattern = waiting.pattern, .level = waiting.level};
  AddSamples(counts, range, step_ns, series);
  if (series.total > 0) held.series.push_back(std::move(series));
}

}  // namespace skald::patterns
