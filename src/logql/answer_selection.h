#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "common/memory_budget.h"
#include "common/mutex.h"
#include "common/status.h"
#include "logql/answer_stages.h"
#include "logql/entry_selection.h"
#include "model/ids.h"

namespace skald::logql {

// The entries that count for a query with answer stages.
//
// Ownership: borrows stages and memory.
// Threads:   as EntrySelection.
// Cost:      some twice as many entries as count (AnswerStages), but no more than `max_bytes`
//            unless that is 0, and no more than `memory` gives unless that is null.
class AnswerSelection final : public EntrySelection {
 public:
  AnswerSelection(const AnswerStages& stages, model::Direction direction, uint64_t max_bytes,
                  MemoryBudget* memory = nullptr);

  bool HasChance(int64_t time) const override {
    return Key(time) <= worst_key_.load(std::memory_order_relaxed);
  }
  bool HasChance(const AnswerMarks& marks) const override {
    const double worst = worst_number_.load(std::memory_order_relaxed);
    if (worst == kNoNumber) {
      return true;
    }
    const MarkedValue& value = marks.values[stages_.deciding() - 1];
    return value.kind == MarkedValue::Kind::kNumber && Signed(value.number) <= worst;
  }
  // kResourceExhausted if too much would have to be held; the error of `memory`.
  Status Add(std::vector<FoundEntry>& entries) override;
  std::vector<FoundEntry> Take() override;

 private:
  static constexpr size_t kFirstReduction = 64;  // Entries held before any are let go.
  static constexpr double kNoNumber = std::numeric_limits<double>::infinity();

  int64_t Key(int64_t time) const {
    return direction_ == model::Direction::kForward ? time : ~time;
  }
  double Signed(double number) const { return descending_ ? -number : number; }
  bool IsFull() const SKALD_REQUIRES(mutex_);
  void Reduce() SKALD_REQUIRES(mutex_);
  void FindWorst() SKALD_REQUIRES(mutex_);

  const AnswerStages& stages_;
  const model::Direction direction_;
  const uint64_t max_bytes_;
  const bool descending_;  // Of the last leading sort.
  // Of the entries that count, once there are as many as can count: what time, or what number of
  // the last leading sort, an entry must have at the worst.
  std::atomic<int64_t> worst_key_;
  std::atomic<double> worst_number_ = kNoNumber;

  MemoryClaim claim_;

  Mutex mutex_;
  std::vector<FoundEntry> entries_ SKALD_GUARDED_BY(mutex_);
  uint64_t bytes_ SKALD_GUARDED_BY(mutex_) = 0;
  size_t reduce_at_ SKALD_GUARDED_BY(mutex_) = kFirstReduction;
};

}  // namespace skald::logql
