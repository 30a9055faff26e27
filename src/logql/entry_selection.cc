#include "logql/entry_selection.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace skald::logql {
namespace {

// Roughly: labels are small beside lines.
uint64_t BytesOf(const FoundEntry& entry) { return sizeof(FoundEntry) + entry.line.capacity(); }

}  // namespace

NearestSelection::NearestSelection(size_t limit, model::Direction direction, MemoryBudget* memory)
    : limit_(limit),
      direction_(direction),
      memory_(memory),
      worst_key_(limit == 0 ? std::numeric_limits<int64_t>::min()
                            : std::numeric_limits<int64_t>::max()) {}

bool NearestSelection::Before(const FoundEntry& a, const FoundEntry& b) const {
  return std::make_pair(Key(a.time_ns), a.tie_key()) < std::make_pair(Key(b.time_ns), b.tie_key());
}

Status NearestSelection::Add(std::vector<FoundEntry>& entries) {
  if (entries.empty()) {
    return {};
  }
  if (memory_ != nullptr) {
    uint64_t bytes = 0;
    for (const FoundEntry& entry : entries) bytes += BytesOf(entry);
    SKALD_RETURN_IF_ERROR(memory_->Take(bytes));
  }
  MutexLock lock(mutex_);
  std::move(entries.begin(), entries.end(), std::back_inserter(entries_));
  entries.clear();
  if (entries_.size() >= 2 * limit_ ||
      (entries_.size() >= limit_ && limit_ > 0 &&
       worst_key_.load(std::memory_order_relaxed) == std::numeric_limits<int64_t>::max())) {
    CutToLimit();
  }
  return {};
}

void NearestSelection::CutToLimit() {
  const auto before = [this](const FoundEntry& a, const FoundEntry& b) { return Before(a, b); };
  if (limit_ == 0 || entries_.size() < limit_) {
    return;
  }
  const auto worst = entries_.begin() + static_cast<std::ptrdiff_t>(limit_ - 1);
  std::nth_element(entries_.begin(), worst, entries_.end(), before);
  worst_key_.store(Key(worst->time_ns), std::memory_order_relaxed);
  if (memory_ != nullptr) {
    uint64_t bytes = 0;
    for (auto entry = worst + 1; entry != entries_.end(); ++entry) bytes += BytesOf(*entry);
    memory_->Return(bytes);
  }
  entries_.erase(worst + 1, entries_.end());
}

std::vector<FoundEntry> NearestSelection::Take() {
  MutexLock lock(mutex_);
  std::sort(entries_.begin(), entries_.end(),
            [this](const FoundEntry& a, const FoundEntry& b) { return Before(a, b); });
  entries_.resize(std::min(entries_.size(), limit_));
  return std::move(entries_);
}

}  // namespace skald::logql
