#pragma once

#include <list>
#include <memory>
#include <string>

#include "net/exchange.h"
#include "net/listener.h"

namespace boost::asio {
class io_context;
}

namespace skald::net {

class HttpSession;

// The connections of one I/O thread. Each is a state machine over a socket that does not block:
//
//   idle ─▶ header ─▶ body ─▶ handling ─▶ writing ─▶ idle, or lingering ─▶ closed
//
// Bytes are read into one buffer that the group shares; a connection keeps only those it cannot
// use yet, so an idle one costs its socket and little more. While a handler runs, reading goes
// on: bytes of the next request wait (up to a bound, at which the peer is no longer watched),
// and the end of the stream cancels the request. A request that asks for an upgrade which no
// route knows is an ordinary request. Where a route takes over the connection (WebSocket), it
// takes the socket and the waiting bytes at the step from body to handling: nothing of the
// session is in flight there but the one wait for input.
//
// Order:     Add* between construction and Abort; sessions leave by themselves.
// Ownership: borrows the environment and the io_context, which must outlive the group and all
//            handlers.
// Threads:   all calls on the thread that runs `io`; the constructor and MakeSession anywhere.
// Cost:      some 500 bytes a connection while idle, plus the kernel's.
class SessionGroup {
 public:
  SessionGroup(boost::asio::io_context& io, SessionEnvironment& environment);
  ~SessionGroup();
  SessionGroup(const SessionGroup&) = delete;
  SessionGroup& operator=(const SessionGroup&) = delete;

  // Takes over the socket: it is closed with the session.
  std::shared_ptr<HttpSession> MakeSession(const AcceptedSocket& socket);
  void Add(std::shared_ptr<HttpSession> session);

  // Ends connections that are past their deadline; with an answer where one helps.
  void CloseOverdue();
  // Closes idle connections; the others close after the answer they are at.
  void Drain();
  // Cancels what runs and closes everything.
  void Abort();

 private:
  friend class HttpSession;

  template <typename Action>
  void ForEach(Action action);

  boost::asio::io_context& io_;
  SessionEnvironment& environment_;
  std::list<std::shared_ptr<HttpSession>> sessions_;
  std::string scratch_;  // Where all sessions read to.
};

}  // namespace skald::net
