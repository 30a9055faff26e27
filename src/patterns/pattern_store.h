#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/clock.h"
#include "common/duration.h"
#include "model/ids.h"
#include "model/matcher.h"
#include "model/push_batch.h"
#include "patterns/drain.h"

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

// The patterns of the last hours' entries, by tenant and stream, in memory alone: a new process
// begins with none.
//
// Ownership: borrows the clock.
// Threads:   any thread may call; one mutex, held for a few hundred lines at a time.
// Cost:      `memory_bytes` at most; above it, the streams fed longest ago go.
class PatternStore {
 public:
  struct Options {
    Drain::Options drain;  // Of each level of each stream.
    size_t memory_bytes = 64 << 20;
    // Entries older than this are not counted, and counts are forgotten at this age.
    Nanoseconds keep = std::chrono::hours(3);
    uint64_t min_total = 30;    // Patterns with fewer lines in the time asked for are not told of.
    size_t max_patterns = 300;  // In an answer.
  };

  PatternStore(const Options& options, const Clock& clock);
  ~PatternStore();
  PatternStore(const PatternStore&) = delete;
  PatternStore& operator=(const PatternStore&) = delete;

  // Counts the entries of the batch's streams, whose labels and fingerprints must be set. Looks at
  // one entry of `stride` and counts it for all. Entries from more than an hour ahead, and streams
  // that the system writes itself, are passed over.
  void Add(const model::TenantId& tenant, const model::PushBatch& batch, uint32_t stride = 1);

  // The patterns of the tenant's streams, those with most lines first; times are rounded down to
  // multiples of `step_ns`.
  std::vector<PatternSeries> Select(const model::TenantId& tenant, const model::Matchers& matchers,
                                    model::TimeRange range, int64_t step_ns) const;

  // Forgets what is too old.
  void Sweep();

  size_t max_patterns() const;
  size_t memory_bytes() const;

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

// Several answers as one: equal patterns of equal levels become one, and the largest
// `max_patterns` are kept, largest first.
std::vector<PatternSeries> MergePatterns(std::vector<std::vector<PatternSeries>> answers,
                                         size_t max_patterns);

}  // namespace skald::patterns
