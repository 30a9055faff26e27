#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "model/labels.h"
#include "patterns/step_counts.h"

namespace skald::patterns {

// How often a pattern of one stream occurred since that was last written down.
struct UnwrittenCounts {
  std::shared_ptr<const model::Labels> labels;  // Of the stream.
  std::string level;
  std::string pattern;
  uint64_t id = 0;  // Of the pattern, in this process.
  std::vector<StepCounts::Count> counts;
};

// Who has written a count down, and when: tells counts that are also in memory from others.
struct CountOrigin {
  uint64_t run = 0;    // A process has one, and no other has the same.
  uint64_t id = 0;     // Of the pattern.
  uint64_t batch = 0;  // Ascending in a run.

  friend bool operator==(const CountOrigin&, const CountOrigin&) = default;
};

// Counts that a pattern in memory has forgotten, as deleted lines may have a part in them: of steps
// [first, end), in batches before `batch`. Later ones were counted since.
struct CountGap {
  uint32_t first = 0;
  uint32_t end = 0;
  uint64_t batch = 0;

  // All of a sample of `step_seconds`, that is.
  bool Has(uint64_t of_batch, int64_t seconds, int64_t step_seconds) const {
    return of_batch < batch && first * StepCounts::kStepSeconds <= seconds &&
           seconds + step_seconds <= end * StepCounts::kStepSeconds;
  }
};

// Which of the counts that were written down an answer from memory has told of already. Exact, as
// each count of this process is in memory until the batch that it was written with is done:
//
//   pattern in memory    counts from `since_seconds` on are there, written or not, but for `gaps`
//   pattern forgotten    what was not yet written when it was waits for its batch, and is there
//
// so that what it takes is neither a lock over reading nor a second look. Only of longer samples
// than memory's, those that reach beyond a gap count as told of, though memory has a part alone.
struct HeldCounts {
  uint64_t run = 0;           // This process.
  uint64_t first_batch = 0;   // The first that was not yet done.
  int64_t since_seconds = 0;  // Of patterns in memory, earlier counts are forgotten.
  std::unordered_set<uint64_t> ids;
  std::unordered_map<uint64_t, std::vector<CountGap>> gaps;  // By id, of those that have any.

  // Whether this is so of a sample that was written down.
  bool Has(const CountOrigin& origin, int64_t seconds, int64_t step_seconds) const {
    if (origin.run != run) return false;
    return origin.batch >= first_batch ||
           PatternHas(origin.id, origin.batch, seconds, step_seconds);
  }

  // Whether a pattern in memory has what is of this batch.
  bool PatternHas(uint64_t id, uint64_t batch, int64_t seconds, int64_t step_seconds) const {
    if (seconds < since_seconds || !ids.contains(id)) return false;
    const auto found = gaps.find(id);
    return found == gaps.end() || std::ranges::none_of(found->second, [&](const CountGap& gap) {
             return gap.Has(batch, seconds, step_seconds);
           });
  }
};

}  // namespace skald::patterns
