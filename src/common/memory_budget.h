#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <limits>
#include <utility>

#include "common/status.h"

namespace skald {

// Memory under the limit of a budget that others hold.
//
// Threads: any thread may call.
class MemoryNeighbours {
 public:
  virtual ~MemoryNeighbours() = default;

  // Bytes of those who hold what they must and take nothing of the budget.
  virtual uint64_t HeldBytes() const = 0;
  // Has those who can return about `bytes` of what they took, before it returns.
  virtual void GiveWay(uint64_t bytes) = 0;
};

// Bytes that someone may hold, of those that a larger whole may hold. It is kept by those who take
// and return, and knows nothing of real memory.
//
// Ownership: borrows `parent`, which must outlive it, and `neighbours`; what it still has goes back
//            to its parent in the end.
// Threads:   any thread may call.
class MemoryBudget {
 public:
  // `limit` 0: none of its own. `exceeded` is the error when it would be passed.
  MemoryBudget(uint64_t limit, Status exceeded, MemoryBudget* parent = nullptr)
      : limit_(limit), exceeded_(std::move(exceeded)), parent_(parent) {}
  // Has no parent, and shares its limit with others.
  MemoryBudget(uint64_t limit, Status exceeded, MemoryNeighbours& neighbours)
      : limit_(limit), exceeded_(std::move(exceeded)), parent_(nullptr), neighbours_(&neighbours) {}
  ~MemoryBudget() {
    if (parent_ != nullptr) parent_->Return(used());
  }
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  // Its error, or a parent's, with nothing taken, if that one's limit would be passed.
  Status Take(uint64_t bytes) {
    uint64_t missing = Reserve(bytes);
    if (missing != 0 && neighbours_ != nullptr) {
      neighbours_->GiveWay(missing);
      missing = Reserve(bytes);
    }
    if (missing != 0) return exceeded_;
    if (parent_ == nullptr) return Status();
    Status status = parent_->Take(bytes);
    if (!status.ok()) used_.fetch_sub(bytes, std::memory_order_relaxed);
    return status;
  }

  // Whether so many bytes are left, which are taken then; nobody gives way for them. For caches.
  // Requires: there is no parent.
  bool TakeSpare(uint64_t bytes) { return Reserve(bytes) == 0; }

  // How many bytes TakeSpare would take now; others may take them meanwhile.
  // Requires: there is no parent.
  uint64_t Spare() const {
    if (limit_ == 0) return std::numeric_limits<uint64_t>::max();
    const uint64_t all = used() + HeldByNeighbours();
    return limit_ - std::min(limit_, all);
  }

  // Requires: no more than was taken.
  void Return(uint64_t bytes) {
    used_.fetch_sub(bytes, std::memory_order_relaxed);
    if (parent_ != nullptr) parent_->Return(bytes);
  }

  uint64_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
  // The bytes that are missing; 0 if they are taken.
  uint64_t Reserve(uint64_t bytes) {
    const uint64_t before = used_.fetch_add(bytes, std::memory_order_relaxed);
    if (limit_ == 0) return 0;
    const uint64_t all = before + bytes + HeldByNeighbours();
    if (all <= limit_) return 0;
    used_.fetch_sub(bytes, std::memory_order_relaxed);
    return all - limit_;
  }
  uint64_t HeldByNeighbours() const {
    return neighbours_ != nullptr ? neighbours_->HeldBytes() : 0;
  }

  const uint64_t limit_;
  const Status exceeded_;
  MemoryBudget* const parent_;
  MemoryNeighbours* const neighbours_ = nullptr;
  std::atomic<uint64_t> used_ = 0;
};

// What one part of the work has taken of a budget, which may be null; returned in the end.
//
// Threads: any thread may call.
class MemoryClaim {
 public:
  explicit MemoryClaim(MemoryBudget* budget) : budget_(budget) {}
  ~MemoryClaim() {
    if (budget_ != nullptr) budget_->Return(bytes_.load(std::memory_order_relaxed));
  }
  MemoryClaim(const MemoryClaim&) = delete;
  MemoryClaim& operator=(const MemoryClaim&) = delete;

  // Takes what is missing to hold `bytes` in all; gives nothing back.
  Status Raise(uint64_t bytes) {
    uint64_t before = bytes_.load(std::memory_order_relaxed);
    while (budget_ != nullptr && before < bytes) {
      if (!bytes_.compare_exchange_weak(before, bytes, std::memory_order_relaxed)) continue;
      Status status = budget_->Take(bytes - before);
      if (!status.ok()) bytes_.fetch_sub(bytes - before, std::memory_order_relaxed);
      return status;
    }
    return Status();
  }

  // Gives back what is held above `bytes`.
  void Lower(uint64_t bytes) {
    uint64_t before = bytes_.load(std::memory_order_relaxed);
    while (budget_ != nullptr && before > bytes) {
      if (!bytes_.compare_exchange_weak(before, bytes, std::memory_order_relaxed)) continue;
      budget_->Return(before - bytes);
      return;
    }
  }

 private:
  MemoryBudget* const budget_;
  std::atomic<uint64_t> bytes_ = 0;
};

}  // namespace skald
