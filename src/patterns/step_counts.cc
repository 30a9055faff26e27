#include "patterns/step_counts.h"

#include <algorithm>
#include <limits>

namespace skald::patterns {

void StepCounts::Add(uint32_t step, uint32_t count) {
  auto at = counts_.end();
  if (!counts_.empty() && counts_.back().step >= step) {
    at = std::lower_bound(counts_.begin(), counts_.end(), step,
                          [](const Count& c, uint32_t s) { return c.step < s; });
  }
  if (at == counts_.end() || at->step != step) at = counts_.insert(at, {.step = step});
  const uint32_t room = std::numeric_limits<uint32_t>::max() - at->count;
  at->count += std::min(count, room);
}

void StepCounts::DropBefore(uint32_t step) { Drop(0, step); }

bool StepCounts::Drop(uint32_t first, uint32_t end) {
  const auto from = std::ranges::lower_bound(counts_, first, {}, &Count::step);
  const auto to = std::ranges::lower_bound(from, counts_.end(), end, {}, &Count::step);
  if (from == to) return false;
  counts_.erase(from, to);
  counts_.shrink_to_fit();
  return true;
}

}  // namespace skald::patterns
