#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "common/clock.h"
#include "common/status.h"
#include "net/router.h"
#include "net/server_options.h"

namespace skald::net {

// Serves HTTP/1.1 on one listening socket, with TLS or without: keep-alive, pipelining, chunked
// bodies, `Expect: 100-continue`, gzip answers, limits on whatever a peer sends and on how long it
// takes.
//
// Order:     calls must match  Start Stop.  Stop is idempotent, and the destructor calls
//            Stop(0). A server whose Start failed may be started again.
// Ownership: borrows the router, the clock and the executors of routes, which must outlive it.
// Threads:   any thread may call Stop, port() and connections(). Handlers run on their route's
//            executor or on the server's handler threads, one at a time for a connection.
// Cost:      Options::io_threads + Options::handler_threads threads.
class HttpServer {
 public:
  using Options = HttpServerOptions;

  HttpServer(const Options& options, const Router& router, const Clock& clock,
             RequestObserver observer = nullptr);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Begins to listen; on return the port answers. Errors are those of TlsContext::Open and
  // Listener::Open.
  Status Start();

  // Stops accepting, lets the requests under way finish and closes each connection after its
  // answer. What is not done after `grace` is cancelled and cut; handlers are waited for however
  // long they take to notice.
  void Stop(std::chrono::nanoseconds grace);

  // The port listened on; 0 before Start.
  uint16_t port() const;
  // Open connections, idle ones included.
  size_t connections() const;

 private:
  struct Rep;  // Keeps Asio out of this header.
  std::unique_ptr<Rep> rep_;
};

}  // namespace skald::net
