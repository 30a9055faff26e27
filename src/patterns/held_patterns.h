#pragma once

#include <cstdint>
#include <vector>

#include "model/ids.h"
#include "patterns/pattern_series.h"
#include "patterns/unwritten_counts.h"

namespace skald::patterns {

class StreamPatterns;

// What a tenant's patterns in memory answer: equal ones may come twice, and small ones come too.
struct HeldPatterns {
  std::vector<PatternSeries> series;
  HeldCounts counts;  // Which of those that were written down are in `series`.
};

// Adds a stream's patterns with their counts of the range; times are rounded down to multiples of
// `step_ns`.
void AddPatterns(const StreamPatterns& stream, model::TimeRange range, int64_t step_ns,
                 HeldPatterns& held);

// Adds counts that wait to be written with `batch`, but for what `held` has of their pattern.
// Requires: all patterns have been added.
void AddWaiting(const UnwrittenCounts& waiting, uint64_t batch, model::TimeRange range,
                int64_t step_ns, HeldPatterns& held);

}  // namespace skald::patterns
