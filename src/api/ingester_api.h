#pragma once

#include "common/status.h"
#include "net/http_types.h"

namespace skald::api {

// What administrators ask of the ingester of this process.
//
// Threads: any thread may call.
class IngesterControl {
 public:
  struct Shutdown {
    bool flush = true;                // Memory goes to the store; if not, it stays in the log.
    bool delete_ring_tokens = false;  // The member leaves the ring.
    bool terminate = true;            // The process ends as well, a moment later.
  };

  virtual ~IngesterControl() = default;

  // Stops the ingester; returns when it has stopped. kUnavailable if it has been stopped before.
  virtual Status ShutDown(const Shutdown& how) = 0;

  // Whether the next stop flushes and leaves the ring, whatever asks for it. kFailedPrecondition
  // where there is no place to keep that.
  virtual Result<bool> IsPrepared() = 0;
  virtual Status Prepare() = 0;
  virtual Status Unprepare() = 0;
};

// Adapts /ingester/shutdown and /ingester/prepare_shutdown.
//
// Ownership: borrows `control`.
// Threads:   any thread may call.
class IngesterApi {
 public:
  explicit IngesterApi(IngesterControl& control) : control_(control) {}

  net::Response Shutdown(net::Request& request);
  // GET: "set" or "unset"; POST and DELETE change it.
  net::Response PrepareShutdown(net::Request& request);
  // Only for ingestion by Kafka, which there is not.
  net::Response PreparePartitionDownscale(net::Request& request);

 private:
  IngesterControl& control_;
};

}  // namespace skald::api
