#pragma once

#include <functional>
#include <memory>

#include "app/app_config.h"
#include "common/clock.h"
#include "common/status.h"

namespace skald::app {

// All parts of the server in one process: builds the object graph of the target, starts it from
// the bottom up and stops it from the top down.
//
// Order:     Start, then Stop. Stop is idempotent and called by the destructor.
// Ownership: borrows configuration and clock; keeps the callback.
// Threads:   one caller.
class Process {
 public:
  // `terminate` is called, on any thread, when a request asks for the process to end: Stop is to
  // follow soon.
  Process(const Configuration& configuration, const Clock& clock, std::function<void()> terminate);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Opens the data, replays the log and begins to serve. Errors name the file or address.
  Status Start();

  // Lets requests under way finish within the configured time, then makes memory durable.
  void Stop();

  // The port that HTTP is served on.
  uint16_t http_port() const;
  // The port that gRPC is served on.
  uint16_t grpc_port() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace skald::app
