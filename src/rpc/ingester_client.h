#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/status.h"
#include "model/batch_source.h"
#include "model/ids.h"
#include "model/push_batch.h"

namespace skald::rpc {

// What an ingester did with a push. Entries not refused are stored and durable.
struct PushOutcome {
  // Refused streams, with the reason that the client is shown.
  struct Refusal {
    StatusCode code = StatusCode::kOk;  // kResourceExhausted: a limit (429); kInvalidArgument: 400.
    std::string message;
    std::string reason;  // Label of loki_discarded_samples_total: "stream_limit" ...
    uint64_t entries = 0;
    uint64_t bytes = 0;
  };
  std::vector<Refusal> refusals;
};

struct StreamStats {
  uint64_t streams = 0;
  uint64_t chunks = 0;
  uint64_t entries = 0;
  uint64_t bytes = 0;
};

// What one stream has.
struct StreamSize {
  std::shared_ptr<const model::Labels> labels;
  uint64_t entries = 0;
  uint64_t bytes = 0;  // Of lines.
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
  virtual Result<std::vector<std::string>> LabelNames(const model::TenantId& tenant,
                                                      const model::Matchers& matchers,
                                                      model::TimeRange range) = 0;
  virtual Result<std::vector<std::string>> LabelValues(const model::TenantId& tenant,
                                                       const std::string& name,
                                                       const model::Matchers& matchers,
                                                       model::TimeRange range) = 0;
  virtual Result<std::vector<model::Labels>> Series(const model::TenantId& tenant,
                                                    const model::Matchers& matchers,
                                                    model::TimeRange range) = 0;
  virtual Result<StreamStats> Stats(const model::TenantId& tenant, const model::Matchers& matchers,
                                    model::TimeRange range) = 0;
  // The same stream by stream, ordered by labels.
  virtual Result<std::vector<StreamSize>> Sizes(const model::TenantId& tenant,
                                                const model::Matchers& matchers,
                                                model::TimeRange range) = 0;
};

}  // namespace skald::rpc
