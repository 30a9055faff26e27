#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chunkstore/index/chunk_collector.h"
#include "chunkstore/index/commit_builder.h"
#include "chunkstore/index/index_keys.h"
#include "chunkstore/index/kv_store.h"
#include "chunkstore/index/value_lists.h"
#include "common/executor.h"
#include "common/lru_cache.h"
#include "common/memory_budget.h"
#include "common/mutex.h"
#include "common/status.h"
#include "common/text_list.h"
#include "model/ids.h"
#include "model/labels.h"
#include "model/matcher.h"
#include "model/series_list.h"

namespace skald::chunkstore {

// What takes effect at once when packs have been written.
struct FlushCommit {
  std::vector<CommittedChunk> removed;  // Chunks that the others replace, or that are to go.
  std::vector<CommittedChunk> chunks;
  std::vector<Watermark> watermarks;
};

struct CommitOutcome {
  Status status;
  // After an error: whether it may have reached the disk all the same, so that packs it names must
  // stay.
  bool may_be_written = false;
};

// Which streams have which labels, and where their chunks are: by tenant and day in RocksDB.
// Streams are told apart by their labels, never by fingerprint alone.
//
// Threads: any thread may call. Commits come one after the other, under commit_mutex_; lookups
//          see the state of one moment.
// Cost:    calls block on disk. A lookup reads the postings its matchers name and the streams that
//          are left, never all of them; a regex runs once over a name's distinct values.
// Format:  FORMAT.md.
class LabelIndex {
 public:
  struct Options {
    std::string folder;
    size_t cache_bytes = 32 << 20;         // RocksDB's blocks.
    size_t labels_cache_bytes = 16 << 20;  // Decoded labels of streams.
    size_t values_cache_bytes = 32 << 20;  // Lists of many values.
    rocksdb::Env* env = nullptr;           // As KvStore has it.
    Executor* lookups = nullptr;           // Borrowed: its threads help with long lists of values.
    MemoryBudget* memory = nullptr;        // Borrowed: labels and lists are taken of it, if any.
  };

  // kDataLoss when what is there is damaged: it can be made anew from packs.
  static Result<std::unique_ptr<LabelIndex>> Open(const Options& options);
  LabelIndex(const LabelIndex&) = delete;
  LabelIndex& operator=(const LabelIndex&) = delete;

  // Whether MarkFounded was ever called: an index without that mark may not know all packs.
  Result<bool> IsFounded() const;
  Status MarkFounded();

  // Drops about `bytes` of cached labels and lists, labels first; returns how much.
  size_t ShrinkCaches(size_t bytes);

  // As KvStore::MarkDamaged.
  void MarkDamaged() const { store_->MarkDamaged(); }

  // Durable and whole when it returns OK. kResourceExhausted when the disk is full. Later commits
  // succeed when the disk is well again; then it is known whether one that failed was written.
  Status Commit(const FlushCommit& commit) { return TryCommit(commit).status; }
  CommitOutcome TryCommit(const FlushCommit& commit) SKALD_EXCLUDES(commit_mutex_);

  // Forgets series of which no chunk is left on some day, with the names and values that were
  // theirs alone: of days that have lost chunks since the last call, also of one in another
  // process. Commits wait for it, a few thousand series at a time. Their ids are never given out
  // again.
  Status ForgetEmptySeries() SKALD_EXCLUDES(commit_mutex_);
  // Makes what was forgotten by that leave the disk: RocksDB keeps keys that were deleted until it
  // happens to rewrite their tables. As KvStore::Purge; what is left undone the next call does,
  // also in another process. Commits and lookups go on meanwhile.
  Status PurgeForgotten(const CancelToken& cancel);

  // The time before which entries went for want of room; nothing if there is none.
  Result<std::optional<int64_t>> RetentionFloor() const;
  Status SetRetentionFloor(std::optional<int64_t> time_ns);

  // 0 if nothing of the stream was stored, or if two streams share the fingerprint.
  Result<uint64_t> FlushedSeq(const model::TenantId& tenant, model::Fingerprint fingerprint) const;
  // The highest sequence number of any stored entry or watermark; 0 if there is none.
  uint64_t HighestSeq() const SKALD_EXCLUDES(commit_mutex_);
  // Of `chunks`, those that the index names.
  Result<std::vector<CommittedChunk>> Named(std::vector<CommittedChunk> chunks) const;
  // Tenants that something was stored for, in order.
  Result<std::vector<model::TenantId>> Tenants() const;
  // As KvStore::Checkpoint.
  Status Checkpoint(const std::string& folder) const { return store_->Checkpoint(folder); }
  // Keys of packs that chunks are in, in order.
  Result<std::vector<std::string>> Packs() const;

  // Notes, before a pack is written, that packs which are named have all of its entries as well, so
  // that it may go if no commit ever names it.
  Status PlanPack(const std::string& pack) SKALD_EXCLUDES(commit_mutex_);
  // Packs that were planned or have been forgotten, by key.
  Result<std::map<std::string, UnnamedPack>> UnnamedPacks() const;
  // They are there no more.
  Status ForgetUnnamed(const std::vector<std::string>& packs) SKALD_EXCLUDES(commit_mutex_);

  // Days of `range` that something of the tenant was stored for, in order.
  Result<std::vector<Period>> Days(const model::TenantId& tenant, model::TimeRange range) const;

  // Lookups end with the error of `cancel` soon after it is cancelled, whatever is left to be read.

  // Streams that match and have a chunk that touches `range`, with those chunks. Ordered by labels.
  // With a choice, of packs that it wants: it is asked once for each pack of a day, and of a day
  // without one that it wants nothing else is read.
  Result<std::vector<StreamChunks>> Find(const model::TenantId& tenant,
                                         const model::Matchers& matchers, model::TimeRange range,
                                         const PackChoice& wants = nullptr,
                                         const CancelToken& cancel = CancelToken()) const;
  // Whether a stream that was stored for a day of `range` has a label of that name.
  Result<bool> HasName(const model::TenantId& tenant, std::string_view name,
                       model::TimeRange range) const;

  // Names, or values of `name`, of streams that match and were stored for a day of `range`.
  // Sorted. With no matchers: of all streams, without looking at any.
  Result<std::vector<std::string>> LabelNames(const model::TenantId& tenant,
                                              const model::Matchers& matchers,
                                              model::TimeRange range,
                                              const CancelToken& cancel = CancelToken()) const;
  Result<TextList> LabelValues(const model::TenantId& tenant, std::string_view name,
                               const model::Matchers& matchers, model::TimeRange range,
                               const CancelToken& cancel = CancelToken()) const;
  // Labels of streams that match and have a chunk that touches `range`. Sorted.
  Result<model::SeriesList> Series(const model::TenantId& tenant, const model::Matchers& matchers,
                                   model::TimeRange range,
                                   const CancelToken& cancel = CancelToken()) const;

 private:
  LabelIndex(std::unique_ptr<KvStore> store, const Options& options);
  using TenantDay = std::pair<model::TenantId, Period>;

  // Of keys that begin with `prefix`, a kind's.
  Result<std::vector<TenantDay>> DaysOf(const std::string& prefix) const;
  Status ForgetEmptySeriesOf(const TenantDay& day) SKALD_EXCLUDES(commit_mutex_);
  // Whether the day had nothing left, and is gone.
  Result<bool> ForgetEmptyDay(const TenantDay& day) SKALD_EXCLUDES(commit_mutex_);
  // The day was looked through: takes its mark away, unless it has lost more chunks meanwhile.
  Status Unmark(const TenantDay& day) SKALD_EXCLUDES(commit_mutex_);
  Status LoadHighestSeq() SKALD_REQUIRES(commit_mutex_);
  // Adds to an index of format version 1 what it lacks: which packs a day has.
  Status Upgrade() SKALD_REQUIRES(commit_mutex_);
  CommitOutcome CommitOnce(const FlushCommit& commit) SKALD_REQUIRES(commit_mutex_);
  Status WriteRecovered(KvBatch& batch) SKALD_REQUIRES(commit_mutex_);
  // After a commit that has failed: makes the store fit for others.
  Status Recover() SKALD_REQUIRES(commit_mutex_);
  static Status AddAll(const FlushCommit& commit, CommitBuilder& builder);

  const std::unique_ptr<KvStore> store_;
  Executor* const lookups_;
  mutable LruCache<model::Labels> labels_cache_;  // By SeriesKey.
  mutable ValueLists values_;                     // By ValuesPrefix.

  mutable Mutex commit_mutex_;
  uint64_t highest_seq_ SKALD_GUARDED_BY(commit_mutex_) = 0;
  // Have lost chunks since ForgetEmptySeries was called last.
  std::set<TenantDay> thinned_ SKALD_GUARDED_BY(commit_mutex_);
};

}  // namespace skald::chunkstore
