#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/executor.h"
#include "common/status.h"
#include "net/http_types.h"
#include "net/server_options.h"

namespace skald::net {

// A method with one message in and one out: the request's headers are the call's metadata, its body
// is the message, unpacked; the path is "/package.Service/Method". Answers with the message of the
// reply. kResourceExhausted and kUnavailable tell the client to try again.
using GrpcMethod = std::function<Result<std::string>(Request&)>;

// Serves methods over gRPC whose messages they read and write themselves: what is decoded by hand
// over HTTP is decoded by the same hands here. Messages may come packed (grpc_message.h).
//
// Order:     Add*, Start, Stop. Stop is idempotent and called by the destructor.
// Ownership: borrows the executor, which must run until Stop has returned.
// Threads:   Add, Start and Stop from one thread; methods run on the executor.
class GrpcHost {
 public:
  // `observer`, which may be empty, gets a record of each call: its route is the path of the
  // method, its method "gRPC", its status what HTTP would call the same.
  GrpcHost(const GrpcHostOptions& options, Executor& executor, RequestObserver observer = {});
  ~GrpcHost();
  GrpcHost(const GrpcHost&) = delete;
  GrpcHost& operator=(const GrpcHost&) = delete;

  // `path` is "/package.Service/Method". Calls of others are answered with kUnimplemented.
  void Add(std::string path, GrpcMethod method);

  // Listens. kUnavailable, naming the setting, when the address cannot be had; kInvalidArgument
  // when the settings of TLS do not fit.
  Status Start();
  // 0 before Start.
  uint16_t port() const;

  // Takes no more calls; those under way may end within `grace`, and are then cancelled.
  void Stop(std::chrono::nanoseconds grace);

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace skald::net
