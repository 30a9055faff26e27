#pragma once

#include <string>

#include "common/lru_cache.h"
#include "common/metrics.h"

namespace skald::chunkstore {

// What a cache tells dashboards, by the names of Loki's embedded cache.
//
// Threads: any thread may call.
class CacheMetrics {
 public:
  explicit CacheMetrics(const std::string& name);

  // Counts what was looked up, and whether it was there.
  void CountLookup(bool hit) const;

  // Says what the cache holds.
  template <typename V>
  void Show(const LruCache<V>& cache) const {
    entries_.Set(static_cast<double>(cache.size()));
    bytes_.Set(static_cast<double>(cache.charge()));
  }

 private:
  const Gauge entries_;
  const Gauge bytes_;
  const Counter lookups_;
  const Counter hits_;
};

}  // namespace skald::chunkstore
