#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "common/mutex.h"
#include "net/stream_socket.h"
#include "net/websocket.h"

namespace boost::asio {
class io_context;
}

namespace skald::net {

class SessionGroup;
struct SessionEnvironment;

// One WebSocket on the server's side: text frames out, pings, and the closing handshake. What the
// peer sends is read and forgotten.
//
// Order:     Start first; nothing after Abort.
// Ownership: owned by its group until it ends, and by whatever waits for it; the server counts it
//            as open until it is destroyed.
// Threads:   Send and Close from any thread, the rest on the group's I/O thread. `mutex_` guards
//            the way there.
// Cost:      a frame is written from where it lies; some kilobytes a connection.
class WebSocketSession final : public WebSocket,
                               public std::enable_shared_from_this<WebSocketSession> {
 public:
  WebSocketSession(SessionGroup& group, StreamSocket socket,
                   std::shared_ptr<WebSocketHandler> handler);
  ~WebSocketSession() override;

  // Answers the request that asks for the WebSocket.
  void Start(std::list<std::shared_ptr<WebSocketSession>>::iterator place, const Request& request);
  // Pings, and ends a connection whose peer is silent or does not let itself be closed.
  void Tick(int64_t now_ns);
  // Tells the peer that the server is stopping.
  void Drain();
  void Abort();

  void Send(std::string text) override;
  void Close(uint16_t code, std::string_view reason) override;

 private:
  struct Rep;  // Keeps Beast out of this header.

  template <typename Action>
  void Post(Action action);
  void OnAccepted();
  void Read();
  void Write();
  void BeginClose(uint16_t code, std::string_view reason);
  void End();

  SessionGroup& group_;
  SessionEnvironment& env_;
  std::list<std::shared_ptr<WebSocketSession>>::iterator place_;
  const std::unique_ptr<Rep> rep_;

  Mutex mutex_;
  boost::asio::io_context* io_ SKALD_GUARDED_BY(mutex_);  // Null once the connection has ended.
};

}  // namespace skald::net
