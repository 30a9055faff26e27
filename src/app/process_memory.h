#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "app/app_config.h"
#include "common/memory_budget.h"
#include "common/mutex.h"

namespace skald::app {

// What each part of the process may hold at most.
struct MemoryShares {
  uint64_t all = 0;          // Of all that follow together.
  uint64_t entries = 0;      // ingester.memory_bytes; twice as much until they are stored.
  uint64_t streams = 0;      // ingester.stream_memory_bytes.
  uint64_t patterns = 0;     // pattern_ingester.memory_bytes.
  uint64_t block_cache = 0;  // chunk_store_config.cache_bytes.
  uint64_t queries = 0;      // querier.memory_bytes.
  uint64_t pack = 0;         // Of compaction, which holds a pack while it makes it.
};

// The settings, each no more than a share of common.memory_bytes, where that is not set of three
// quarters of the memory of machine or container: so that what writers must hold leaves room for
// the rest. One that is cut is named in the log.
MemoryShares ShareMemory(const AppConfig& config);
// The same of so many bytes in all, without a word.
MemoryShares ShareMemory(const AppConfig& config, uint64_t all);

// The one budget of the process. Writers hold what they must, within their shares; queries take
// what is left, from caches if need be, and fail beyond that; caches take what nobody else has.
// What is not counted: requests under way, RocksDB's cache, what flush and compaction have in hand.
//
// Order:     Add... before what is added serves; the budget is no longer used when what was added
//            ends.
// Threads:   any thread may call.
class ProcessMemory final : private MemoryNeighbours {
 public:
  explicit ProcessMemory(const MemoryShares& shares);
  ProcessMemory(const ProcessMemory&) = delete;
  ProcessMemory& operator=(const ProcessMemory&) = delete;

  const MemoryShares& shares() const { return shares_; }
  MemoryBudget& budget() { return budget_; }

  // `held` tells the bytes of it now.
  void AddWriter(std::function<uint64_t()> held);
  // `shrink` has it return about so many bytes to the budget.
  void AddCache(std::function<void(uint64_t bytes)> shrink);

 private:
  uint64_t HeldBytes() const override;
  void GiveWay(uint64_t bytes) override;

  const MemoryShares shares_;
  mutable Mutex mutex_;
  std::vector<std::function<uint64_t()>> writers_ SKALD_GUARDED_BY(mutex_);
  std::vector<std::function<void(uint64_t)>> caches_ SKALD_GUARDED_BY(mutex_);
  MemoryBudget budget_;
};

}  // namespace skald::app
