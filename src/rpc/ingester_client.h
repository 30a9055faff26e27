#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/status.h"
#include "common/text_list.h"
#include "model/batch_source.h"
#include "model/ids.h"
#include "model/labels.h"
#include "model/log_batch.h"
#include "model/matcher.h"
#include "model/push_batch.h"
#include "model/series_list.h"
#include "model/stream_lookup.h"

namespace skald::rpc {

// What an ingester did with a push. Entries not refused are stored and durable.
struct PushOutcome {
  // Refused streams, with the reason that the client is shown.
  struct Refusal {
    StatusCode code = StatusCode::kOk;  // kResourceExhausted: a limit (429); kInvalidArgument: 400.
    std::string message;
    std::string reason;  // Label of loki_discarded_samples_total: "stream_limit" ...
    model::Fingerprint stream;
    uint64_t entries = 0;
    uint64_t bytes = 0;
  };
  std::vector<Refusal> refusals;
};

struct StreamStats {
  uint64_t streams = 0;
  uint64_t chunks = 0;
  uint64_t entries = 0;
  uint64_t bytes = 0;            // Of lines.
  uint64_t metadata_volume = 0;  // As model::MetadataVolume counts it.

  void Add(const StreamStats& more) {
    streams += more.streams;
    chunks += more.chunks;
    entries += more.entries;
    bytes += more.bytes;
    metadata_volume += more.metadata_volume;
  }
};

// What one stream has.
struct StreamSize {
  std::shared_ptr<const model::Labels> labels;
  uint64_t entries = 0;
  uint64_t bytes = 0;  // Of lines.
};

// What someone wants to follow of all that is pushed from now on.
struct TailRequest {
  model::TenantId tenant;
  model::Matchers matchers;
  size_t max_bytes = 4 << 20;  // Of entries that wait to be taken; what comes beyond is dropped.
  size_t max_dropped = 1000;   // Dropped entries that are remembered.
  // Called when there is something to take, once until it is taken. By any thread, pushes among
  // them: must return at once, and must not throw.
  std::function<void()> ready;
};

// An entry that a follower has missed, as it did not keep up.
struct DroppedEntry {
  int64_t time_ns = 0;
  std::shared_ptr<const model::Labels> labels;  // Of its stream.
};

// What is pushed to the streams that someone follows; ends with its destruction.
//
// Threads: any thread may call, one at a time.
class TailFeed {
 public:
  struct Taken {
    // Those of a stream in the order of arrival. Shared with other followers.
    std::vector<std::shared_ptr<const model::LogBatch>> batches;
    std::vector<DroppedEntry> dropped;
    size_t streams = 0;  // That were pushed to, so far.
    bool ended = false;  // Nothing will come any more: the ingester has stopped.
  };

  virtual ~TailFeed();

  // What has come since the last call; at once.
  virtual Taken Take() = 0;
};

// An ingester as the distributor and the querier see it: in this process, or over gRPC.
//
// Threads: any thread may call. Every call may block (disk, network).
class IngesterClient {
 public:
  virtual ~IngesterClient();

  // Stores the batch's streams, whose labels and fingerprints must be set. Returns once what was
  // accepted is durable. kUnavailable when the disk is full or the ingester is stopping: nothing
  // is acknowledged then.
  virtual Result<PushOutcome> Push(const model::TenantId& tenant,
                                   const model::PushBatch& batch) = 0;

  // Entries that are not in the chunk store yet (some may be in both for a moment). Ask here
  // first, then the store: what is flushed in between is then in both, never in neither.
  virtual Result<model::StreamScans> Select(const model::ScanRequest& request,
                                            model::ScanContext& context) = 0;

  // Of streams with entries in memory in the range. Sorted, unique. Matchers may be empty.
  virtual Result<std::vector<std::string>> LabelNames(const model::StreamLookup& of) = 0;
  virtual Result<TextList> LabelValues(const model::StreamLookup& of, const std::string& name) = 0;
  virtual Result<model::SeriesList> Series(const model::StreamLookup& of) = 0;
  virtual Result<StreamStats> Stats(const model::StreamLookup& of) = 0;
  // The same stream by stream, ordered by labels.
  virtual Result<std::vector<StreamSize>> Sizes(const model::StreamLookup& of) = 0;

  // Entries from now on, also of streams that are yet to come. What a Select that begins later
  // finds is either older than the feed or in it already. The feed must go before the ingester.
  // kUnavailable if the ingester is stopping.
  virtual Result<std::unique_ptr<TailFeed>> Tail(TailRequest request) = 0;
};

}  // namespace skald::rpc
