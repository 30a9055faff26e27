#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <optional>

#include "model/ids.h"

namespace skald::ingester {

// The first and the last time of a stream's entries in memory. Those of a shard's streams lie side
// by side, so that a million streams are asked about a time range without touching any.
//
// Threads: the stream's mutex guards changes; any thread may ask.
class StreamTimes {
 public:
  // Of no entries: no range touches them.
  static constexpr int64_t kNoFirst = std::numeric_limits<int64_t>::max();
  static constexpr int64_t kNoLast = std::numeric_limits<int64_t>::min();

  // Takes in entries between two times, both included.
  void Extend(int64_t first_ns, int64_t last_ns) {
    if (first_ns < first_ns_.load(std::memory_order_relaxed)) Set(first_ns_, first_ns);
    if (last_ns > last_ns_.load(std::memory_order_relaxed)) Set(last_ns_, last_ns);
  }
  // Entries have gone: these are the bounds of what is left.
  void Reset(int64_t first_ns, int64_t last_ns) {
    Set(first_ns_, first_ns);
    Set(last_ns_, last_ns);
  }

  // Whether there are entries in the range; nullopt where only the stream itself can tell, as the
  // range begins and ends between its entries. Each answer rests on one bound, read at a moment at
  // which it was right, so that it does not matter if the other is of another moment.
  std::optional<bool> Touch(model::TimeRange range) const {
    const int64_t first_ns = first_ns_.load(std::memory_order_acquire);
    if (first_ns >= range.end) return false;
    if (first_ns >= range.start) return true;
    const int64_t last_ns = last_ns_.load(std::memory_order_acquire);
    if (last_ns < range.start) return false;
    if (last_ns < range.end) return true;
    return std::nullopt;
  }

 private:
  // Released: who sees that entries are gone from memory finds them in the store.
  static void Set(std::atomic<int64_t>& bound, int64_t time_ns) {
    bound.store(time_ns, std::memory_order_release);
  }

  std::atomic<int64_t> first_ns_ = kNoFirst;
  std::atomic<int64_t> last_ns_ = kNoLast;
};

}  // namespace skald::ingester
