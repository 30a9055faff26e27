#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/clock.h"
#include "common/executor.h"
#include "net/open_count.h"
#include "net/request_parser.h"
#include "net/router.h"
#include "net/server_options.h"

namespace skald::net {

class TlsContext;

// What all connections of a server share. Borrowed by every session.
struct SessionEnvironment {
  const HttpServerOptions& options;
  const Router& router;
  const Clock& clock;
  Executor& executor;  // Of routes that name none.
  const RequestObserver& observer;
  const TlsContext* tls = nullptr;     // Connections are in the clear without.
  std::atomic<bool> draining = false;  // Answers end their connection.
  OpenCount open{};
};

// One request and what becomes of it, up to the bytes of the answer. Knows no socket.
//
// Order:     calls must match  Put* (BeginBody Put*)? (Dispatch? Handle | Refuse...).  BeginBody
//            comes once header_complete() turns true, Handle in state kDone alone, RefuseUnread in
//            state kFailed alone. The answer is there after the last call.
// Ownership: borrows the environment.
// Threads:   not synchronised: passes from the connection's thread to the handler's and back.
class Exchange {
 public:
  Exchange(const SessionEnvironment& environment, std::string_view remote_address,
           const CancelToken& cancel);
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // As RequestParser::Put.
  size_t Put(std::string_view bytes) { return parser_.Put(bytes); }
  RequestParser::State state() const { return parser_.state(); }
  bool header_complete() const;
  bool body_begun() const { return match_.route != nullptr; }
  size_t body_bytes() { return parser_.request().body.size(); }

  // Finds the route, whose limit the body must keep from here on.
  void BeginBody();

  enum class Expectation { kNone, kContinue, kUnknown };
  // What the client waits for before it sends the body. Requires: BeginBody was called.
  Expectation expectation();
  // Has `handle`, which calls Handle, called where and when the route wants it. False if the route
  // refuses: RefuseAtGate answers. Requires: state kDone.
  bool Dispatch(std::function<void()> handle);

  // Runs the handler and makes its answer ready. Blocks as long as that takes; what it throws
  // becomes a 500, a line in the log and a count in loki_panic_total.
  void Handle();
  // Answers without a handler, and ends the connection.
  void Refuse(int status, const std::string& message);
  // Answers a request that Dispatch was not able to place.
  void RefuseAtGate();
  // As Refuse, with what the parser found wrong; a route may word the answer to a large body.
  void RefuseUnread();

  const std::string& answer_head() const { return answer_head_; }
  const std::string& answer_body() const { return answer_body_; }
  bool keep_alive() const { return keep_alive_; }
  // Who takes the connection over instead, if anyone; then the request is his as well.
  const std::shared_ptr<WebSocketHandler>& websocket() const { return websocket_; }
  const Request& request() { return parser_.request(); }

 private:
  template <typename Answer>
  Response Guarded(Answer answer);
  void Finish(Response response, bool keep_alive);

  const SessionEnvironment& env_;
  RequestParser parser_;
  Router::Match match_;
  int64_t header_ns_ = 0;     // When the header was complete.
  size_t request_bytes_ = 0;  // Of the body, which its handler may take away.
  std::string answer_head_;
  std::string answer_body_;
  bool keep_alive_ = false;
  std::shared_ptr<WebSocketHandler> websocket_;
};

}  // namespace skald::net
