#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/mutex.h"
#include "model/ids.h"
#include "model/labels.h"

namespace skald::logql {

// An entry that may become part of a log query's answer.
struct FoundEntry {
  int64_t time_ns = 0;
  uint64_t stream = 0;    // Rank of its stream: ties in time go by it,
  uint64_t position = 0;  // then by the place in the scan, in the direction of reading.
  std::string line;
  model::Labels labels;  // All, or of the stream's category alone when categories are told apart.
  model::Labels structured_metadata;
  model::Labels parsed;
};

// The best entries that workers find, the newest or the oldest, up to a limit. A worker can stop
// reading its stream as soon as it gets to times that no longer have a chance.
//
// Threads: any thread may call; Take when all workers are done.
// Cost:    up to twice the limit of entries.
class EntrySelection {
 public:
  EntrySelection(size_t limit, model::Direction direction);

  // False if entries of `time` and those behind it in the direction cannot get in any more.
  bool HasChance(int64_t time) const {
    return Key(time) <= worst_key_.load(std::memory_order_relaxed);
  }
  // `entries` of one stream, in the direction. Leaves the vector empty.
  void Add(std::vector<FoundEntry>& entries);

  // The best ones, in order.
  std::vector<FoundEntry> Take();

 private:
  // Ascends in the direction of reading.
  int64_t Key(int64_t time) const {
    return direction_ == model::Direction::kForward ? time : ~time;
  }
  bool Before(const FoundEntry& a, const FoundEntry& b) const;
  void CutToLimit() SKALD_REQUIRES(mutex_);

  const size_t limit_;
  const model::Direction direction_;
  std::atomic<int64_t> worst_key_;
  Mutex mutex_;
  std::vector<FoundEntry> entries_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald::logql
