#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_set>

#include "common/metrics.h"
#include "common/mutex.h"
#include "notify/sample.h"

namespace skald::notify {

// Counts the series of a tenant that rules give, from their first sample to their stale marker.
//
// Threads: any thread may call.
// Cost:    a hash a series.
// Metrics: loki_ruler_wal_storage_*.
class SeriesCount {
 public:
  explicit SeriesCount(const std::string& tenant);

  void Add(std::span<const Sample> samples) SKALD_EXCLUDES(mutex_);

 private:
  const Counter created_;
  const Counter removed_;
  const Gauge active_;

  Mutex mutex_;
  std::unordered_set<uint64_t> series_ SKALD_GUARDED_BY(mutex_);  // Hashes of their labels.
};

}  // namespace skald::notify
