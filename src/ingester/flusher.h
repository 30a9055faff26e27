#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/executor.h"
#include "common/mutex.h"
#include "common/status.h"
#include "ingester/chunk_sink.h"
#include "ingester/ingester_options.h"
#include "ingester/tenants.h"
#include "ingester/wal.h"
#include "model/matcher.h"

namespace skald::ingester {

// Moves entries from memory to the store: of streams that are idle, old or full, that keep the log
// from shrinking, or that take the most memory; and then removes what the log need not keep.
//
// Order:     rounds come one after the other: a call waits for the one under way.
// Ownership: borrows everything it is given.
// Threads:   any thread may call. No lock is held while entries are compressed or stored.
// Cost:      a round looks at every stream; a pack's chunks are in memory twice while stored.
class Flusher {
 public:
  // `wal` may be null.
  Flusher(const IngesterOptions& options, StreamContext& context, Tenants& tenants, Wal* wal,
          ChunkSink& sink, Executor& executor);
  Flusher(const Flusher&) = delete;
  Flusher& operator=(const Flusher&) = delete;

  // What is due by time or by a budget. Does nothing for a while after a failure.
  Status FlushDue();
  // Only to get below the memory budget, and without removing from the log: while it is replayed.
  Status FlushForMemory();
  // Everything of all tenants, or of one tenant's streams that match.
  Status FlushAll();
  Status FlushStreams(std::string_view tenant, const model::Matchers& matchers);
  // Everything, and out of the log: once it returns OK, no file of the log holds an entry that was
  // pushed before the call.
  Status FlushOffLog();

  // Removes from a closed log what is stored, and notes where it ends: between rounds, as a later
  // one may remove more. Failures are logged. Requires: there is a log, and it has been replayed.
  void CleanUpAtEnd();

 private:
  enum class Reason { kFull, kIdle, kMaxAge, kForced, kMemory, kWal };

  struct Pick {
    std::shared_ptr<Stream> stream;
    Reason reason = Reason::kForced;
    bool with_head = true;
    size_t bytes = 0;  // That it will free.
  };
  using Picks = std::vector<Pick>;

  // What a stream's flush has written, if it succeeds.
  struct Stored {
    const Pick* pick = nullptr;
    std::vector<StreamPart> parts;
    std::vector<chunkstore::ChunkSummary> chunks;
    std::vector<size_t> chunk_bytes;  // For each of chunks.
  };

  class Turn;

  static std::string_view ReasonName(Reason reason);

  Picks PickAll() const;
  Picks PickDue() const;
  // Adds to `picks` the largest of `rest` until memory will be well below its budget.
  void PickForMemory(Picks rest, Picks& picks) const;
  Status Flush(Picks picks);
  // Streams of one pack.
  Status FlushPack(std::vector<Pick>& picks) const;
  // Drops parts that the store has: those of a flush that was reported to have failed.
  Status DropStored(Stream& stream) const;
  void RecordStored(const Stored& stored) const;
  // Forgets idle streams, and removes from the log what no stream has in memory any more. Every
  // round but FlushForMemory ends with it. An error, which is logged, says that a file could not be
  // removed. Requires: a Turn, and the log has been replayed.
  Status CleanUp();
  void BackOff(const Status& status);

  const IngesterOptions& options_;
  StreamContext& context_;
  Tenants& tenants_;
  Wal* const wal_;
  ChunkSink& sink_;
  Executor& executor_;

  Mutex mutex_;
  CondVar free_;
  bool busy_ SKALD_GUARDED_BY(mutex_) = false;
  int64_t retry_at_ns_ SKALD_GUARDED_BY(mutex_) = 0;  // Monotonic; 0: at once.
  int64_t backoff_ns_ SKALD_GUARDED_BY(mutex_) = 0;
};

// How compressed blocks of these options are made.
chunkstore::BlockSealer::Options SealerOptions(const IngesterOptions& options);

}  // namespace skald::ingester
