#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/executor.h"
#include "common/hash.h"
#include "common/mutex.h"
#include "common/status.h"
#include "common/text_list.h"
#include "ingester/ingester_metrics.h"
#include "ingester/inverted_index.h"
#include "ingester/stream.h"
#include "ingester/value_order.h"
#include "ingester/wide_label.h"
#include "model/matcher.h"
#include "model/series_list.h"

namespace skald::ingester {

using StreamList = std::vector<std::shared_ptr<Stream>>;

// One tenant's streams in memory, found by fingerprint and by labels.
//
// Ownership: borrows the context; shares the streams with whoever reads or flushes them.
// Threads:   any thread may call. Streams are spread over shards by fingerprint, each with a
//            mutex that is held for look-ups, and by who lists a label for all values of it; a
//            stream's own mutex may be taken under it.
class TenantStreams {
 public:
  // `shards` is a power of two.
  TenantStreams(std::string tenant, size_t shards, StreamContext& context);
  TenantStreams(const TenantStreams&) = delete;
  TenantStreams& operator=(const TenantStreams&) = delete;

  // Streams that are counted together, and how many there may be.
  struct Quota {
    std::string_view policy;   // Counted apart for it; empty: with all that have no such policy.
    uint64_t max_streams = 0;  // 0: no limit.
    uint64_t max_bytes = 0;  // Of the streams of all tenants, as the context counts them. 0: none.
  };
  // The stream, made if there is room for it. kResourceExhausted if there are max_streams,
  // kUnavailable if those in memory take max_bytes; kInternal if the fingerprint belongs to other
  // labels. A stream that was counted for another policy is counted
  // for this one from then on: a log does not tell of policies.
  struct Found {
    std::shared_ptr<Stream> stream;
    bool is_new = false;
  };
  Result<Found> GetOrMake(const std::shared_ptr<const model::Labels>& labels,
                          model::Fingerprint fingerprint, const Quota& quota)
      SKALD_EXCLUDES(counts_mutex_);

  // Those whose labels match, and of them those with entries in the range. In no order.
  StreamList Select(const model::Matchers& matchers, model::TimeRange range) const;
  // The same; ends with the error of `cancel` soon after it is cancelled.
  Result<StreamList> Select(const model::Matchers& matchers, model::TimeRange range,
                            const CancelToken& cancel) const;
  // Those that had entries before the call and have them still, and any others. In no order.
  StreamList All() const;

  // Names of labels, and values of one, that streams have which match and have entries in the
  // range; and the labels of each of them. Ascending. All end with the error of `cancel` soon after
  // it is cancelled. Of the threads of `workers` some help with long lists.
  Result<std::vector<std::string>> LabelNames(const model::Matchers& matchers,
                                              model::TimeRange range,
                                              const CancelToken& cancel) const;
  Result<TextList> LabelValues(std::string_view name, const model::Matchers& matchers,
                               model::TimeRange range, const CancelToken& cancel,
                               Executor* workers = nullptr) const;
  Result<model::SeriesList> Series(const model::Matchers& matchers, model::TimeRange range,
                                   const CancelToken& cancel, Executor* workers = nullptr) const;

  // The label with the most values, if it tells at least half of the streams apart: the one that
  // has used up a limit. Counted over the index at most every few seconds, else as last time.
  std::optional<WideLabel> WidestLabel() SKALD_EXCLUDES(widest_mutex_);

  // Forgets streams that are empty and were last pushed to at or before `before_ns` (monotonic),
  // and the order of values that were not listed since it last was called.
  void RemoveIdle(int64_t before_ns) SKALD_EXCLUDES(orders_mutex_);

  size_t size() const { return size_.load(std::memory_order_relaxed); }
  const std::string& tenant() const { return tenant_; }

 private:
  using Count = std::atomic<size_t>;
  struct Shard {
    mutable Mutex mutex;
    HashMap<model::Fingerprint, InvertedIndex::Id> ids SKALD_GUARDED_BY(mutex);
    StreamList streams SKALD_GUARDED_BY(mutex);             // By id; null where one was removed.
    std::deque<StreamTimes> times SKALD_GUARDED_BY(mutex);  // By id; each the stream's to change.
    std::vector<Count*> counts SKALD_GUARDED_BY(mutex);     // By id: where each of them is counted.
    std::vector<InvertedIndex::Id> free_ids SKALD_GUARDED_BY(mutex);
    InvertedIndex index SKALD_GUARDED_BY(mutex);
  };

  Shard& ShardOf(model::Fingerprint fingerprint) {
    return shards_[fingerprint.value() & (shards_.size() - 1)];
  }
  // A stream that may match, and that has entries in a range; if that is not known, it may have.
  struct Candidate {
    std::shared_ptr<Stream> stream;
    bool is_known = false;
  };
  static std::vector<Candidate> CandidatesOf(const Shard& shard, const model::Matchers& matchers,
                                             model::TimeRange range) SKALD_EXCLUDES(shard.mutex);
  // Appends the values of `name` that the shard's streams have which have entries in the range; of
  // those the values that match.
  static void AddValues(const Shard& shard, std::string_view name, const model::Matchers& matchers,
                        model::TimeRange range, TextList& values) SKALD_EXCLUDES(shard.mutex);
  // As AddValues, for all values: those that `order` has of this shard, the i-th, are marked as
  // wanted by their numbers there; the others are added to `values`, which borrows all of them.
  static void AddNumbered(const Shard& shard, size_t i, std::string_view name,
                          model::TimeRange range, const ValueOrder& order,
                          std::span<uint8_t> wanted, TextList& values) SKALD_EXCLUDES(shard.mutex);
  // The order of the label's values that is kept; null if none is.
  std::shared_ptr<const ValueOrder> FindOrder(std::string_view name) const
      SKALD_EXCLUDES(orders_mutex_);
  void KeepOrder(std::string_view name, std::shared_ptr<const ValueOrder> order) const
      SKALD_EXCLUDES(orders_mutex_);
  void ForgetOrders() SKALD_EXCLUDES(orders_mutex_);  // Those that were not used.
  // Whether about as many values were there when they were listed last: it pays to order them.
  bool AreSettled(std::string_view name, size_t count) const SKALD_EXCLUDES(orders_mutex_);
  // That, if it has most of them, or one made now. Null if they are too few, or still coming.
  Result<std::shared_ptr<const ValueOrder>> OrderOf(std::string_view name,
                                                    const CancelToken& cancel,
                                                    Executor* workers) const
      SKALD_EXCLUDES(orders_mutex_);
  Result<TextList> OrderedValues(std::string_view name, model::TimeRange range,
                                 const ValueOrder& order, const CancelToken& cancel,
                                 Executor* workers) const;
  // Calls visit(stream) for those of the shard that match and have entries in the range. The token
  // is looked at every some thousand streams.
  using Visit = std::function<void(std::shared_ptr<Stream> stream)>;
  static Status VisitMatches(const Shard& shard, const model::Matchers& matchers,
                             model::TimeRange range, const CancelToken& cancel, const Visit& visit)
      SKALD_EXCLUDES(shard.mutex);
  static Status AddMatchedValues(const Shard& shard, std::string_view name,
                                 const model::Matchers& matchers, model::TimeRange range,
                                 const CancelToken& cancel, TextList& values)
      SKALD_EXCLUDES(shard.mutex);
  // Lists that add(shard, list) fills for each shard, as one in order.
  template <typename List, typename Add>
  Result<List> Gather(const CancelToken& cancel, Executor* workers, const Add& add) const;
  // Whether one of a shard's streams has entries in the range.
  class InRange;
  Count& CountOf(std::string_view policy) SKALD_EXCLUDES(counts_mutex_);
  // Of a stream to come.
  static InvertedIndex::Id TakeId(Shard& shard) SKALD_REQUIRES(shard.mutex);
  // Brings a stream into the shard's index, or out of it, and what the context counts up to date.
  void AddToIndex(Shard& shard, InvertedIndex::Id id, const model::Labels& labels)
      SKALD_REQUIRES(shard.mutex);
  void RemoveFromIndex(Shard& shard, InvertedIndex::Id id, const model::Labels& labels)
      SKALD_REQUIRES(shard.mutex);
  // Calls look(shard, id) for the ids of each shard, some at once from this one on, until it says
  // that there are no more.
  template <typename Shards, typename Look>
  static void LookInTurns(Shards& shards, const Look& look);
  // RemoveIdle for some of a shard's streams, from this id on. Whether there are more.
  bool RemoveIdleOf(Shard& shard, InvertedIndex::Id from, int64_t before_ns)
      SKALD_EXCLUDES(shard.mutex);
  std::optional<WideLabel> FindWidestLabel() const;

  const std::string tenant_;
  const TenantMetrics metrics_;
  StreamContext& context_;
  std::vector<Shard> shards_;
  Count size_ = 0;
  Count own_count_ = 0;  // Of the streams that no policy counts apart.

  Mutex counts_mutex_;  // Held for a look-up; never with a shard's.
  StringMap<std::unique_ptr<Count>> policy_counts_ SKALD_GUARDED_BY(counts_mutex_);

  struct KeptOrder {
    std::shared_ptr<const ValueOrder> order;  // Null: none was made yet.
    size_t listed = 0;                        // Values that were there at the last list.
    bool used = true;                         // Since idle streams were last removed.
  };
  mutable Mutex orders_mutex_;  // Held for a look-up; never with a shard's.
  mutable StringMap<KeptOrder> orders_ SKALD_GUARDED_BY(orders_mutex_);  // By label.

  Mutex widest_mutex_;  // Held while counting, so that one of many refused pushes counts.
  std::optional<WideLabel> widest_ SKALD_GUARDED_BY(widest_mutex_);
  int64_t widest_until_ns_ SKALD_GUARDED_BY(widest_mutex_) = 0;  // Monotonic.
};

}  // namespace skald::ingester
