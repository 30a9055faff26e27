#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <thread>

#include "common/clock.h"
#include "common/duration.h"
#include "common/limits.h"
#include "common/status.h"
#include "distributor/refusal_log.h"
#include "distributor/replicator.h"
#include "model/ids.h"
#include "model/push_batch.h"

namespace skald::distributor {

// What comes with a push besides its entries.
struct PushContext {
  std::string_view format = "loki";  // "otlp" for pushes over OTLP: a metric label.
  std::string_view user_agent;
  std::string_view policy;          // X-Loki-Ingestion-Policy: overrides the mapping by selectors.
  std::string_view backfill_shard;  // X-Loki-Backfill-Shard: adds the backfill labels.
  // How it came, for the log.
  std::string_view trace_id;  // Empty: none is known.
  std::string_view path;
  std::string_view content_type;
  std::string_view content_encoding;
  std::string_view forwarded_for;  // X-Forwarded-For; its first address is the client's.
  size_t body_bytes = 0;
};

// The answer to a push. Even when it is an error, entries that it does not name are stored and
// durable, unless it is for the push as a whole: kFailedPrecondition, kUnavailable, the rate limit,
// and labels that cannot be parsed.
struct PushReply {
  // OK: all is stored (or was dropped silently, by configuration). Otherwise the message is the
  // whole text for the client, and the code says why:
  //   kInvalidArgument     entries or labels were refused (HTTP 400)
  //   kFailedPrecondition  there was no stream in the push (HTTP 422)
  //   kResourceExhausted   a rate or stream limit (HTTP 429)
  //   kPermissionDenied    ingestion is blocked (HTTP `blocked_status`)
  //   kUnavailable         try again (HTTP 503)
  //   others               an ingester failed (HTTP 500)
  Status status;
  int blocked_status = 0;
};

// Takes pushes: validates and completes their streams and entries, limits their rate, and hands
// them to the ingesters.
//
// Ownership: borrows limits, replicator and clock, which must outlive it.
// Threads:   any thread may call. Push blocks until the entries are durable.
// Cost:      a cache of parsed label sets, `label_cache_bytes` at most.
class Distributor {
 public:
  struct Options {
    size_t label_cache_bytes = 32 << 20;
    // Share of a tenant's rate that this process admits: 1 over the number of distributors.
    double rate_share = 1;
    // What old entries are divided into where shard_streams.time_sharding_enabled asks for it; at
    // least a second.
    Nanoseconds time_shard = std::chrono::hours(1);
    // Waits out what is left of a simulated_push_latency.
    std::function<void(Nanoseconds)> sleep = [](Nanoseconds time) {
      std::this_thread::sleep_for(time);
    };
    // Gets each batch that the ingesters have taken, before the push is answered: must not block.
    // Entries that they refused are still in it.
    std::function<void(const model::TenantId& tenant, model::PushBatch batch)> on_stored;
    RefusalLog::Options refusal_log;
    // Entries from before this time are refused, as nobody would see them; empty: none are.
    std::function<int64_t()> floor_ns;
  };

  Distributor(const Options& options, const LimitsSource& limits, Replicator& replicator,
              const Clock& clock);
  ~Distributor();
  Distributor(const Distributor&) = delete;
  Distributor& operator=(const Distributor&) = delete;

  PushReply Push(const model::TenantId& tenant, const PushContext& context, model::PushBatch batch);

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace skald::distributor
