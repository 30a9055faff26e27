#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/memory_budget.h"
#include "common/mutex.h"
#include "common/status.h"
#include "logql/found_entry.h"
#include "model/ids.h"

namespace skald::logql {

// The entries found so far that may be part of a log query's answer, of all workers. A worker can
// stop reading its stream as soon as it gets to times that no longer have a chance.
//
// Threads: any thread may call; Take when all workers are done.
class EntrySelection {
 public:
  virtual ~EntrySelection() = default;

  // False if entries of `time` and those behind it in the direction cannot get in any more.
  virtual bool HasChance(int64_t time) const = 0;
  // False if an entry with these marks cannot.
  virtual bool HasChance(const AnswerMarks& marks) const = 0;
  // `entries` of one stream, in the direction. Leaves the vector empty.
  virtual Status Add(std::vector<FoundEntry>& entries) = 0;
  // The answer, in order.
  virtual std::vector<FoundEntry> Take() = 0;
};

// The best entries, the newest or the oldest, up to a limit.
//
// Cost: up to twice the limit of entries.
class NearestSelection final : public EntrySelection {
 public:
  // `memory`: what the entries are taken from; null: not counted.
  NearestSelection(size_t limit, model::Direction direction, MemoryBudget* memory = nullptr);

  bool HasChance(int64_t time) const override {
    return Key(time) <= worst_key_.load(std::memory_order_relaxed);
  }
  bool HasChance(const AnswerMarks&) const override { return true; }
  Status Add(std::vector<FoundEntry>& entries) override;
  std::vector<FoundEntry> Take() override;

 private:
  // Ascends in the direction of reading.
  int64_t Key(int64_t time) const {
    return direction_ == model::Direction::kForward ? time : ~time;
  }
  bool Before(const FoundEntry& a, const FoundEntry& b) const;
  void CutToLimit() SKALD_REQUIRES(mutex_);

  const size_t limit_;
  const model::Direction direction_;
  MemoryBudget* const memory_;
  std::atomic<int64_t> worst_key_;
  Mutex mutex_;
  std::vector<FoundEntry> entries_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald::logql
