#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace skald::patterns {

// How often a pattern occurred in a step of time.
struct PatternSample {
  int64_t seconds = 0;  // Since the epoch; the beginning of the step.
  uint64_t count = 0;

  friend bool operator==(const PatternSample&, const PatternSample&) = default;
};

// A pattern of the lines of one level.
struct PatternSeries {
  std::string pattern;  // The expression of a `|>` that its lines match.
  std::string level;
  std::vector<PatternSample> samples;  // Ascending; steps in which it did not occur are missing.
  uint64_t total = 0;
};

// Equal patterns of equal levels as one; those that occurred `min_total` times and more, at most
// `max_patterns`, largest first.
std::vector<PatternSeries> MergePatterns(const std::vector<PatternSeries>& all, uint64_t min_total,
                                         size_t max_patterns);

}  // namespace skald::patterns
