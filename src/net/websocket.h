#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/http_types.h"

namespace skald::net {

// Why a WebSocket is closed: codes of RFC 6455.
inline constexpr uint16_t kCloseNormal = 1000;
inline constexpr uint16_t kCloseGoingAway = 1001;
inline constexpr uint16_t kCloseError = 1011;

// A connection that has become a WebSocket, for who writes to it.
//
// Threads: any thread may call.
// Cost:    calls return at once; what is not written yet stays in memory, so that a sender should
//          wait for OnSent.
class WebSocket {
 public:
  virtual ~WebSocket() = default;

  // Sends a text frame after those sent before. Does nothing once the connection is being closed.
  virtual void Send(std::string text) = 0;
  // Closes the connection after what was sent. Of the reason 123 bytes are told, whole characters.
  virtual void Close(uint16_t code, std::string_view reason) = 0;
};

// Is told what happens to a WebSocket.
//
// Order:   OnOpen OnSent* OnClosed; or OnClosed alone, when the peer is gone before it is open.
//          With OnClosed the WebSocket must be let go: the server's end waits for that.
// Threads: called by one I/O thread. Calls must not block.
class WebSocketHandler {
 public:
  virtual ~WebSocketHandler() = default;

  virtual void OnOpen(std::shared_ptr<WebSocket> socket) = 0;
  // One of the frames has been written.
  virtual void OnSent() = 0;
  virtual void OnClosed() = 0;
};

// The answer of a route that takes the connection over: `handler` is told what becomes of it. 400
// if the request does not ask for a WebSocket. Any Origin is welcome.
Response UpgradeToWebSocket(const Request& request, std::shared_ptr<WebSocketHandler> handler);

}  // namespace skald::net
