#include "net/websocket.h"

#include <utility>

namespace skald::net {
namespace {

constexpr std::string_view kVersion = "13";  // Of RFC 6455; there is no other.

bool AsksForWebSocket(const Request& request) {
  return request.method == "GET" && request.headers.HasToken("Connection", "upgrade") &&
         request.headers.HasToken("Upgrade", "websocket") &&
         request.headers.Has("Sec-WebSocket-Key") &&
         request.headers.Get("Sec-WebSocket-Version") == kVersion;
}

}  // namespace

Response UpgradeToWebSocket(const Request& request, std::shared_ptr<WebSocketHandler> handler) {
  if (!AsksForWebSocket(request)) {
    Response refused = TextResponse(400, "Bad Request\n");
    refused.headers.Set("Sec-WebSocket-Version", kVersion);
    return refused;
  }
  Response response;
  response.status = 101;
  response.websocket = std::move(handler);
  return response;
}

}  // namespace skald::net
