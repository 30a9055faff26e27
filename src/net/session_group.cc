#include "net/session_group.h"

#include <cstddef>
#include <cstdint>
#include <utility>

#include "net/http_session.h"
#include "net/websocket_session.h"

namespace skald::net {
namespace {

// One read takes so much at most: fits the second-level cache.
constexpr size_t kScratchBytes = 64 << 10;

}  // namespace

SessionGroup::SessionGroup(boost::asio::io_context& io, SessionEnvironment& environment)
    : io_(io), environment_(environment), scratch_(kScratchBytes, '\0') {}

SessionGroup::~SessionGroup() = default;

std::shared_ptr<HttpSession> SessionGroup::MakeSession(const AcceptedSocket& socket) {
  return std::make_shared<HttpSession>(*this, socket);
}

void SessionGroup::Add(std::shared_ptr<HttpSession> session) {
  sessions_.push_front(std::move(session));
  sessions_.front()->Start(sessions_.begin());
  if (environment_.draining) {
    sessions_.front()->Drain();
  }
}

void SessionGroup::AddWebSocket(std::shared_ptr<WebSocketSession> session, const Request& request) {
  websockets_.push_front(std::move(session));
  websockets_.front()->Start(websockets_.begin(), request);
}

template <typename Action>
void SessionGroup::ForEach(Action action) {
  for (auto next = sessions_.begin(); next != sessions_.end();) {
    HttpSession& session = **next++;
    action(session);
  }
  for (auto next = websockets_.begin(); next != websockets_.end();) {
    WebSocketSession& session = **next++;
    action(session);
  }
}

void SessionGroup::CloseOverdue() {
  const int64_t now_ns = environment_.clock.MonotonicNs();
  ForEach([&](auto& session) { session.Tick(now_ns); });
}

void SessionGroup::Drain() {
  ForEach([](auto& session) { session.Drain(); });
}

void SessionGroup::Abort() {
  ForEach([](auto& session) { session.Abort(); });
}

}  // namespace skald::net
