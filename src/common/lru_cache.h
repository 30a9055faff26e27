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
#include "common/mutex.h"

namespace skald {

// Keeps the values used last, up to a total charge in bytes.
//
// Ownership: values are shared: one evicted while in use lives until its last reader lets go.
// Threads:   any thread may call; 16 shards, each under its own mutex.
// Cost:      at most `capacity_bytes` of charges, and about 120 bytes an entry besides.
template <typename V>
class LruCache {
 public:
  using Value = std::shared_ptr<const V>;

  explicit LruCache(size_t capacity_bytes) : shard_capacity_(capacity_bytes / kShards) {}
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

  // Replaces what is there. A charge over a sixteenth of the capacity is not kept.
  void Put(std::string_view key, Value value, size_t charge) {
    if (charge > shard_capacity_) return;
    Shard& shard = ShardOf(key);
    std::list<Entry> dropped;  // Destroyed after the lock is released.
    MutexLock lock(shard.mutex);
    if (auto it = shard.index.find(key); it != shard.index.end()) shard.Drop(it->second, dropped);
    shard.entries.push_front(Entry{std::string(key), std::move(value), charge});
    shard.index.emplace(std::string(key), shard.entries.begin());
    shard.charge += charge;
    while (shard.charge > shard_capacity_) shard.Drop(std::prev(shard.entries.end()), dropped);
  }

  void Erase(std::string_view key) {
    Shard& shard = ShardOf(key);
    std::list<Entry> dropped;
    MutexLock lock(shard.mutex);
    if (auto it = shard.index.find(key); it != shard.index.end()) shard.Drop(it->second, dropped);
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
    void Drop(typename std::list<Entry>::iterator it, std::list<Entry>& dropped)
        SKALD_REQUIRES(mutex) {
      charge -= it->charge;
      index.erase(it->key);
      dropped.splice(dropped.begin(), entries, it);
    }

    mutable Mutex mutex;
    std::list<Entry> entries SKALD_GUARDED_BY(mutex);  // Used last at the front.
    StringMap<typename std::list<Entry>::iterator> index SKALD_GUARDED_BY(mutex);
    size_t charge SKALD_GUARDED_BY(mutex) = 0;
  };

  Shard& ShardOf(std::string_view key) { return shards_[(Hash64(key) >> 60) % kShards]; }

  const size_t shard_capacity_;
  std::array<Shard, kShards> shards_;
};

}  // namespace skald
