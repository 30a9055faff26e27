#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "chunkstore/format/block_sealer.h"
#include "common/clock.h"
#include "common/executor.h"
#include "common/files.h"
#include "common/limits.h"
#include "common/recycler.h"
#include "common/status.h"
#include "common/text_list.h"
#include "ingester/chunk_sink.h"
#include "ingester/flusher.h"
#include "ingester/in_flight.h"
#include "ingester/ingester_options.h"
#include "ingester/stream.h"
#include "ingester/tenants.h"
#include "ingester/wal.h"
#include "rpc/ingester_client.h"

namespace skald::ingester {

// What an ingester works with.
//
// Ownership: all borrowed, to outlive it.
struct IngesterParts {
  FileSystem& files;
  const Clock& clock;
  const LimitsSource& limits;
  ChunkSink& sink;
  Executor& background;  // Compresses and stores.
  // The share of a tenant's streams that is meant to be here: the replication factor by the number
  // of ingesters. 1 if empty.
  std::function<double()> stream_share;
  Executor* lookups = nullptr;  // Its threads help with long lists of label values.
};

// What Stop does with memory that is not in the store yet.
enum class AtStop {
  kAsConfigured,  // By wal.flush_on_shutdown; all of it where there is no log.
  kFlush,
  kKeepInLog,  // Where there is no log, it is lost.
};

// Takes pushes in: logs them, keeps them in memory where queries find them, and moves them to the
// store in large pieces.
//
// Order:     Open, then anything, then Stop, which the destructor calls.
// Threads:   any thread may call. Lock order: README.md.
// Cost:      Open reads the whole log. Push waits for the disk. Memory: options.memory_bytes,
//            or half of it and what the streams take; and a flush's packs.
class Ingester final : public rpc::IngesterClient {
 public:
  // Replays the log. An error says that the log's folder or the store can't be used.
  static Result<std::unique_ptr<Ingester>> Open(const IngesterOptions& options,
                                                const IngesterParts& parts);
  ~Ingester() override;
  Ingester(const Ingester&) = delete;
  Ingester& operator=(const Ingester&) = delete;

  Result<rpc::PushOutcome> Push(const model::TenantId& tenant,
                                const model::PushBatch& batch) override;

  Result<model::StreamScans> Select(const model::ScanRequest& request,
                                    model::ScanContext& context) override;
  Result<std::vector<std::string>> LabelNames(const model::StreamLookup& of) override;
  Result<TextList> LabelValues(const model::StreamLookup& of, const std::string& name) override;
  Result<model::SeriesList> Series(const model::StreamLookup& of) override;
  Result<rpc::StreamStats> Stats(const model::StreamLookup& of) override;
  Result<std::vector<rpc::StreamSize>> Sizes(const model::StreamLookup& of) override;
  Result<std::unique_ptr<rpc::TailFeed>> Tail(rpc::TailRequest request) override;

  // Moves everything to the store, or what matches of one tenant. Returns when it is there.
  Status Flush();
  Status Flush(const model::TenantId& tenant, const model::Matchers& matchers);
  // As above of everything, which is in no file of the log any more either.
  Status FlushOffLog();
  // One round of what else comes by itself every flush_check_period, if that is not zero.
  Status FlushDue();

  // Refuses pushes from now on, waits for those under way, ends what follows them, flushes as told,
  // and closes the log. Only the first call does anything.
  Status Stop(AtStop memory = AtStop::kAsConfigured);
  // What streams and their entries take in memory.
  uint64_t HeldBytes() const;
  // Null when there is none.
  const Wal* log() const { return wal_.get(); }
  // Whether Stop was called.
  bool stopped() const { return stopped_; }

 private:
  Ingester(const IngesterOptions& options, const IngesterParts& parts, std::unique_ptr<Wal> wal);

  Status ReplayLog();
  void SealInBackground(const std::shared_ptr<Stream>& stream);
  // How many streams there may be of a tenant, or of a policy that has a limit of its own.
  uint64_t MaxStreams(const StreamLimits& limits) const;
  Status CheckMemory();
  // One push on its way through its streams.
  struct PushWork {
    TenantStreams& streams;
    const model::PushBatch& batch;
    const Limits& limits;
    StreamLimits own_limits;  // Of the streams without a policy.
    PushScratch scratch;
    rpc::PushOutcome outcome;
  };
  // Why TenantStreams has not made a stream.
  rpc::PushOutcome::Refusal RefusalOf(StatusCode code, const model::PushStream& stream,
                                      PushWork& work) const;
  StreamPush PushStream(const model::PushStream& stream, PushWork& work);
  // Where the answer to `request` may lack entries that were in the log.
  void WarnOfLogDamage(const model::ScanRequest& request, model::Warnings& warnings) const;
  Result<StreamList> Find(const model::StreamLookup& of) const;

  const IngesterOptions options_;
  const IngesterParts parts_;
  const std::unique_ptr<Wal> wal_;  // Null when there is to be none.
  StreamContext context_;
  Tenants tenants_;
  Flusher flusher_;
  Recycler<chunkstore::BlockSealer> sealers_;  // For SealInBackground.
  InFlight pushes_;
  InFlight tasks_;
  std::atomic<bool> flush_wanted_ = false;  // The memory budget has been passed.
  std::unique_ptr<PeriodicTask> periodic_;
  // Set before any other thread knows of this.
  bool replayed_ = false;
  int64_t replayed_at_ns_ = 0;
  std::vector<std::string> log_damage_;  // What queries are told of what the replay could not read.
  std::atomic<bool> stopped_ = false;
};

}  // namespace skald::ingester
