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
class WebSocketSession;

// The connections of one I/O thread. All read into one buffer, so that an idle one costs its socket
// and little more.
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

  // Goes on with a connection that `request` has turned into a WebSocket.
  void AddWebSocket(std::shared_ptr<WebSocketSession> session, const Request& request);

  // Ends connections that are past their deadline, with an answer where one helps; pings others.
  void CloseOverdue();
  // Closes idle connections; the others close after the answer they are at.
  void Drain();
  // Cancels what runs and closes everything.
  void Abort();

 private:
  friend class HttpSession;
  friend class WebSocketSession;

  // Calls `action` with every session, of either kind; it may remove that session.
  template <typename Action>
  void ForEach(Action action);

  boost::asio::io_context& io_;
  SessionEnvironment& environment_;
  std::list<std::shared_ptr<HttpSession>> sessions_;
  std::list<std::shared_ptr<WebSocketSession>> websockets_;
  std::string scratch_;  // Where all sessions read to.
};

}  // namespace skald::net
