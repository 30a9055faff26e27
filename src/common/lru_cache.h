#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "common/hash.h"
#include "common/memory_budget.h"
#include "common/mutex.h"

namespace skald {

// Keeps the values used last, up to a total charge in bytes, which may be taken of a budget that
// others draw on, too.
//
// Ownership: values are shared: one evicted while in use lives until its last reader lets go.
//            Borrows the budget.
// Threads:   any thread may call; 16 shards, each under its own mutex.
// Cost:      at most `capacity_bytes` of charges, and about 120 bytes an entry besides.
template <typename V>
class LruCache {
 public:
  using Value = std::shared_ptr<const V>;

  // `budget` may be null.
  explicit LruCache(size_t capacity_bytes, MemoryBudget* budget = nullptr)
      : shard_capacity_(capacity_bytes / kShards), budget_(budget) {}
  ~LruCache() {
    if (budget_ != nullptr) budget_->Return(charge());
  }
  LruCache(const LruCache&) = delete;
  LruCache& operator=(const LruCache&) = delete;

  // Null when absent.
  Value Get(std::string_view key) {
    Shard& shard = ShardOf(key);
    MutexLock lock(shard.mutex);
    auto it = shard.index.find(key);
    if (it == shard.index.end()) return nullptr;
    shard.entries.splice(shard.entries.begin(), shard.entries, it->second);
    return it->second->value;
  }

  // Replaces what is there. A charge over a sixteenth of the capacity is not kept, nor is one that
  // the budget has no room for.
  void Put(std::string_view key, Value value, size_t charge) {
    if (charge > shard_capacity_) return;
    Shard& shard = ShardOf(key);
    std::list<Entry> dropped;  // Destroyed after the lock is released.
    MutexLock lock(shard.mutex);
    if (auto it = shard.index.find(key); it != shard.index.end()) Drop(shard, it->second, dropped);
    while (shard.charge + charge > shard_capacity_) DropOldest(shard, dropped);
    while (budget_ != nullptr && !budget_->TakeSpare(charge)) {
      if (shard.entries.empty()) return;
      DropOldest(shard, dropped);
    }
    shard.entries.push_front(Entry{std::string(key), std::move(value), charge});
    shard.index.emplace(std::string(key), shard.entries.begin());
    shard.charge += charge;
  }

  void Erase(std::string_view key) {
    Shard& shard = ShardOf(key);
    std::list<Entry> dropped;
    MutexLock lock(shard.mutex);
    if (auto it = shard.index.find(key); it != shard.index.end()) Drop(shard, it->second, dropped);
  }

  // Drops what was used longest ago, `bytes` of it or all there is; returns how much.
  size_t Shrink(size_t bytes) {
    size_t freed = 0;
    // A share of each shard first, so that what is used often stays; then what is still missing.
    for (const size_t share : {(bytes + kShards - 1) / kShards, bytes}) {
      for (Shard& shard : shards_) {
        std::list<Entry> dropped;
        MutexLock lock(shard.mutex);
        const size_t before = shard.charge;
        while (freed < bytes && before - shard.charge < share && !shard.entries.empty()) {
          freed += DropOldest(shard, dropped);
        }
      }
    }
    return freed;
  }

  // The number of values held.
  size_t size() const {
    size_t sum = 0;
    for (const Shard& shard : shards_) {
      MutexLock lock(shard.mutex);
      sum += shard.entries.size();
    }
    return sum;
  }

  // The sum of charges held.
  size_t charge() const {
    size_t sum = 0;
    for (const Shard& shard : shards_) {
      MutexLock lock(shard.mutex);
      sum += shard.charge;
    }
    return sum;
  }

 private:
  static constexpr size_t kShards = 16;

  struct Entry {
    std::string key;
    Value value;
    size_t charge = 0;
  };
  struct Shard {
    mutable Mutex mutex;
    std::list<Entry> entries SKALD_GUARDED_BY(mutex);  // Used last at the front.
    StringMap<typename std::list<Entry>::iterator> index SKALD_GUARDED_BY(mutex);
    size_t charge SKALD_GUARDED_BY(mutex) = 0;
  };

  size_t Drop(Shard& shard, typename std::list<Entry>::iterator it, std::list<Entry>& dropped)
      SKALD_REQUIRES(shard.mutex) {
    const size_t charge = it->charge;
    shard.charge -= charge;
    if (budget_ != nullptr) budget_->Return(charge);
    shard.index.erase(it->key);
    dropped.splice(dropped.begin(), shard.entries, it);
    return charge;
  }
  size_t DropOldest(Shard& shard, std::list<Entry>& dropped) SKALD_REQUIRES(shard.mutex) {
    return Drop(shard, std::prev(shard.entries.end()), dropped);
  }

  Shard& ShardOf(std::string_view key) { return shards_[(Hash64(key) >> 60) % kShards]; }

  const size_t shard_capacity_;
  MemoryBudget* const budget_;
  std::array<Shard, kShards> shards_;
};

}  // namespace skald
