#pragma once

#include <cstdint>
#include <memory>
#include <string>
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

// Which of the counts that were written down an answer from memory has told of already. Exact, as
// each count of this process is in memory until the batch that it was written with is done:
//
//   pattern in memory    counts from `since_seconds` on are there, written or not
//   pattern forgotten    what was not yet written when it was waits for its batch, and is there
//
// so that what it takes is neither a lock over reading nor a second look.
struct HeldCounts {
  uint64_t run = 0;           // This process.
  uint64_t first_batch = 0;   // The first that was not yet done.
  int64_t since_seconds = 0;  // Of patterns in memory, earlier counts are forgotten.
  std::unordered_set<uint64_t> ids;

  bool Has(const CountOrigin& origin, int64_t seconds) const {
    if (origin.run != run) return false;
    return origin.batch >= first_batch || (seconds >= since_seconds && ids.contains(origin.id));
  }
};

}  // namespace skald::patterns
