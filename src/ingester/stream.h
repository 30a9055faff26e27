#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "chunkstore/format/block_sealer.h"
#include "common/clock.h"
#include "common/mutex.h"
#include "common/stream_limits.h"
#include "common/token_bucket.h"
#include "ingester/head_block.h"
#include "ingester/ingester_metrics.h"
#include "ingester/ingester_options.h"
#include "ingester/stream_times.h"
#include "ingester/tailer.h"
#include "ingester/wal.h"
#include "model/labels.h"
#include "model/push_batch.h"
#include "rpc/ingester_client.h"

namespace skald::ingester {

// What the streams of an ingester share.
//
// Ownership: borrows what it points to.
// Threads:   constant, or atomic.
struct StreamContext {
  StreamContext(const IngesterOptions& o, const Clock& c, Wal* w)
      : options(o), clock(c), wal(w), tailers(o.max_dropped_streams) {}

  const IngesterOptions& options;
  const Clock& clock;
  Wal* wal = nullptr;                     // Null when there is to be none.
  std::atomic<uint64_t> last_seq = 0;     // The highest sequence number given out.
  std::atomic<int64_t> memory_bytes = 0;  // Of all entries in memory.
  std::atomic<int64_t> stream_bytes = 0;  // Of all streams in memory, apart from their entries.
  Tailers tailers;

  // What memory_bytes should be: the less, the more the streams take themselves.
  int64_t EntryBudget() const {
    const auto all = static_cast<int64_t>(options.memory_bytes);
    return std::max(all / 2, all - stream_bytes.load(std::memory_order_relaxed));
  }
};

// The blocks that a part became: more than one where it spans midnight.
using SealedBlocks = std::vector<chunkstore::SealedBlock>;

// A run of a stream's entries in order of arrival. Parts of a stream follow one another in
// sequence numbers, and may overlap in time.
//
// Threads: as handed out by Stream a copy; `raw` is read through Stream::Snapshot.
struct StreamPart {
  std::shared_ptr<HeadBlock> raw;              // Null once sealed.
  std::shared_ptr<const SealedBlocks> sealed;  // Null until then.
  int64_t first_ns = 0;                        // Times, both included.
  int64_t last_ns = 0;
  uint64_t last_seq = 0;
  uint64_t entries = 0;
  uint64_t line_bytes = 0;
  uint64_t metadata_volume = 0;
  uint64_t wal_segment = 0;  // The oldest with entries of it.
  int64_t created_ns = 0;    // On the monotonic clock.
  size_t memory_bytes = 0;
};

// Buffers of one push, used for each of its streams.
struct PushScratch {
  WalEntriesEncoder encoder;
  std::vector<uint32_t> kept;   // Indexes into the batch's entries.
  std::vector<uint32_t> over;   // The same of entries that are over the stream's rate.
  std::optional<WalText> text;  // Where lines can be logged as places in what the client sent.
  Followers to_wake;            // Once no lock is held.
};

// Entries that were dropped as their stream has them.
struct StreamRepeats {
  uint64_t entries = 0;
  uint64_t line_bytes = 0;
};

// What became of a stream's share of a push.
struct StreamPush {
  bool removed = false;  // The stream has left memory: look it up anew.
  std::optional<rpc::PushOutcome::Refusal> refusal;
  StreamRepeats repeats;
  // Commit must follow for these, when there is a WAL; 0: nothing to wait for.
  Wal::Ticket first_ticket = 0;
  Wal::Ticket last_ticket = 0;
  bool sealable = false;  // A part is full: Seal should be called, elsewhere.
};

// What of a log's entries was taken.
struct StreamRestore {
  size_t entries = 0;
  uint64_t line_bytes = 0;
  bool sealable = false;  // As in StreamPush.
};

// What the flusher decides by.
struct StreamUse {
  size_t parts = 0;
  size_t sealed_bytes = 0;  // Memory of full parts.
  size_t head_bytes = 0;    // Memory of the part still appended to.
  uint64_t oldest_segment = 0;
  uint64_t head_segment = 0;
  int64_t oldest_ns = 0;     // When the first of the entries arrived; monotonic.
  int64_t last_push_ns = 0;  // Monotonic.
};

// One stream's entries that the store does not have yet: parts in order of arrival, of which the
// last is appended to and the others are being compressed, or are compressed, in memory.
//
// Order:     Restore* while a log is replayed, then Push. Between PartsToFlush and DropFlushed no
//            other thread may call these two.
// Ownership: borrows the tenant's name, the context, the metrics and the place for its times, which
//            is its alone until it is removed.
// Threads:   any thread may call; mutex_ guards all state, and is held while the log is given the
//            entries, so that log and memory have them in one order. Compression is outside it.
// Cost:      some 200 bytes without entries, about 800 more with one. There may be a million.
class Stream {
 public:
  Stream(const std::string& tenant, std::shared_ptr<const model::Labels> labels,
         model::Fingerprint fingerprint, StreamContext& context, const TenantMetrics& metrics,
         StreamTimes& times);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Takes the entries in, memory and log; see StreamPush.
  StreamPush Push(const model::PushBatch& batch, const model::PushStream& stream,
                  const StreamLimits& limits, PushScratch& scratch);

  // Takes entries read from `segment` of the log, but for those up to `flushed_seq`, which the
  // store has.
  StreamRestore Restore(const WalEntries& entries, uint64_t segment, uint64_t flushed_seq);

  // Compresses the full parts that are not yet.
  void Seal(chunkstore::BlockSealer& sealer);

  // All full parts, with the head's if `with_head`, all compressed.
  std::vector<StreamPart> PartsToFlush(bool with_head, chunkstore::BlockSealer& sealer);
  // Forgets the first `count` parts: the store has them.
  void DropFlushed(size_t count);
  // Forgets the full parts with nothing above `seq`.
  void DropFlushedUpTo(uint64_t seq);

  // Copies of the parts with entries in `range`.
  std::vector<StreamPart> Parts(model::TimeRange range) const;
  // Looks at the parts alone: of a stream that was removed the times are another's.
  bool HasEntriesIn(model::TimeRange range) const;
  // The columns of a part that is not compressed, not ordered by time; entries after the part was
  // asked for have sequence numbers above its last_seq.
  std::shared_ptr<const model::EntryBlock> Snapshot(HeadBlock& raw) const;

  StreamUse Use() const;
  // Marks the stream as removed if it is empty and was last pushed to at or before `before_ns`.
  bool TryRemove(int64_t before_ns);

  const std::string& tenant() const { return tenant_; }
  const std::shared_ptr<const model::Labels>& labels() const { return labels_; }
  model::Fingerprint fingerprint() const { return fingerprint_; }
  const TenantMetrics& metrics() const { return metrics_; }

 private:
  // Fills scratch.over with the entries that the stream's rate refuses: all or none; but where
  // streams are not to be sharded, those alone that do not fit any more.
  void ApplyRate(const model::PushBatch& batch, const model::PushStream& stream,
                 const StreamLimits& limits, PushScratch& scratch) SKALD_REQUIRES(mutex_);
  // Fills scratch.kept with the entries to take, of those not in scratch.over, and counts the
  // others. Returns whether one was dropped as it equals the stream's last entry, whose own log
  // record must be durable then.
  bool DropRepeated(const model::PushBatch& batch, const model::PushStream& stream,
                    PushScratch& scratch, StreamRepeats& repeats) SKALD_REQUIRES(mutex_);
  // Gives scratch.kept to the log.
  Wal::Position Log(const model::PushBatch& batch, uint64_t first_seq, PushScratch& scratch)
      SKALD_REQUIRES(mutex_);
  // Hands scratch.kept to who follows the stream: under the mutex, so that the order is that of
  // memory, and whoever looks at memory afterwards can tell what was handed over before.
  void HandToFollowers(const model::PushBatch& batch, uint64_t first_seq, PushScratch& scratch)
      SKALD_REQUIRES(mutex_);
  HeadBlock& HeadFor(size_t line_bytes, uint64_t segment) SKALD_REQUIRES(mutex_);
  // Brings up to date what the last part says of its head, and the memory budget: after Append*.
  void DescribeHead() SKALD_REQUIRES(mutex_);
  void FreezeHead() SKALD_REQUIRES(mutex_);
  void DropFirst(size_t count) SKALD_REQUIRES(mutex_);
  void ChargeMemory(StreamPart& part, size_t bytes) SKALD_REQUIRES(mutex_);
  // Compresses `raw` and puts the result in its part's place, if it is still there.
  void SealPart(const std::shared_ptr<HeadBlock>& raw, chunkstore::BlockSealer& sealer)
      SKALD_EXCLUDES(mutex_);
  // Full parts that are not compressed.
  std::vector<std::shared_ptr<HeadBlock>> RawParts() const SKALD_EXCLUDES(mutex_);

  const std::string& tenant_;
  const std::shared_ptr<const model::Labels> labels_;
  const model::Fingerprint fingerprint_;
  StreamContext& context_;
  const TenantMetrics& metrics_;
  StreamTimes& times_;  // Changed under mutex_.

  mutable Mutex mutex_;
  std::vector<StreamPart> parts_ SKALD_GUARDED_BY(mutex_);
  bool head_open_ SKALD_GUARDED_BY(mutex_) = false;  // The last part may be appended to.
  bool removed_ SKALD_GUARDED_BY(mutex_) = false;
  WalStream wal_stream_ SKALD_GUARDED_BY(mutex_);
  Wal::Ticket last_ticket_ SKALD_GUARDED_BY(mutex_) = 0;
  int64_t last_push_ns_ SKALD_GUARDED_BY(mutex_) = 0;
  std::unique_ptr<StreamFollowers> followers_ SKALD_GUARDED_BY(mutex_);  // Null: never looked for.
  TokenLevel rate_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald::ingester
