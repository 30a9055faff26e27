#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/hash.h"
#include "common/mutex.h"
#include "ingester/ingester_metrics.h"
#include "ingester/inverted_index.h"
#include "ingester/stream.h"
#include "model/matcher.h"

namespace skald::ingester {

using StreamList = std::vector<std::shared_ptr<Stream>>;

// One tenant's streams in memory, found by fingerprint and by labels.
//
// Ownership: borrows the context; shares the streams with whoever reads or flushes them.
// Threads:   any thread may call. Streams are spread over shards by fingerprint, each with a
//            mutex that is held for look-ups only; a stream's own mutex may be taken under it.
class TenantStreams {
 public:
  // `shards` is a power of two.
  TenantStreams(std::string tenant, size_t shards, StreamContext& context);
  TenantStreams(const TenantStreams&) = delete;
  TenantStreams& operator=(const TenantStreams&) = delete;

  // The stream, made if there are fewer than `max_streams` (0: no limit). kResourceExhausted if
  // not; kInternal if the fingerprint belongs to other labels.
  Result<std::shared_ptr<Stream>> GetOrMake(const std::shared_ptr<const model::Labels>& labels,
                                            model::Fingerprint fingerprint, uint64_t max_streams);

  // Those whose labels match, and of them those with entries in the range. In no order.
  StreamList Select(const model::Matchers& matchers, model::TimeRange range) const;
  StreamList All() const;

  // Forgets streams that are empty and were last pushed to at or before `before_ns` (monotonic).
  void RemoveIdle(int64_t before_ns);

  size_t size() const { return size_.load(std::memory_order_relaxed); }
  const std::string& tenant() const { return tenant_; }

 private:
  struct Shard {
    mutable Mutex mutex;
    HashMap<model::Fingerprint, InvertedIndex::Id> ids SKALD_GUARDED_BY(mutex);
    StreamList streams SKALD_GUARDED_BY(mutex);  // By id; null where one was removed.
    std::vector<InvertedIndex::Id> free_ids SKALD_GUARDED_BY(mutex);
    InvertedIndex index SKALD_GUARDED_BY(mutex);
  };

  Shard& ShardOf(model::Fingerprint fingerprint) {
    return shards_[fingerprint.value() & (shards_.size() - 1)];
  }
  void RemoveIdleOf(Shard& shard, int64_t before_ns);

  const std::string tenant_;
  const TenantMetrics metrics_;
  StreamContext& context_;
  std::vector<Shard> shards_;
  std::atomic<size_t> size_ = 0;
};

}  // namespace skald::ingester
