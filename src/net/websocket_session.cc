#include "net/websocket_session.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket.hpp>
#include <cstddef>
#include <deque>
#include <limits>
#include <utility>

#include "net/session_group.h"

namespace skald::net {
namespace {

namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
constexpr size_t kMaxReasonBytes = 123;        // Of what a control frame holds, two are the code.
constexpr size_t kMaxMessageBytes = 64 << 10;  // Of a peer that has nothing to say.

// How long a peer may take to let itself be closed.
constexpr int64_t kCloseTimeoutNs = 5'000'000'000;

// As much of `text` as a close frame holds, in whole characters.
std::string_view CutReason(std::string_view text) {
  size_t size = std::min(text.size(), kMaxReasonBytes);
  while (size > 0 && size < text.size() &&
         (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) {
    --size;
  }
  return text.substr(0, size);
}

http::request<http::empty_body> HandshakeOf(const Request& request) {
  http::request<http::empty_body> handshake(http::verb::get, request.target, 11);
  for (const Headers::Field& field : request.headers) {
    handshake.insert(field.name, field.value);
  }
  return handshake;
}

}  // namespace

struct WebSocketSession::Rep {
  enum class Phase { kAccepting, kOpen, kClosing, kEnded };

  Rep(boost::asio::io_context& io, std::shared_ptr<WebSocketHandler> told)
      : socket(io), handler(std::move(told)) {}

  websocket::stream<tcp::socket> socket;
  std::shared_ptr<WebSocketHandler> handler;
  Phase phase = Phase::kAccepting;
  std::array<char, 1024> input;  // What the peer says is of no use.
  std::deque<std::string> outbox;
  bool writing = false;
  bool pinging = false;
  bool close_wanted = false;
  websocket::close_reason reason;
  int64_t next_ping_ns = 0;
  int64_t heard_ns = 0;                // When the peer last gave a sign of life.
  int64_t close_deadline_ns = kNever;  // When a peer that is to be closed is cut off.
};

WebSocketSession::WebSocketSession(SessionGroup& group, const AcceptedSocket& socket,
                                   std::shared_ptr<WebSocketHandler> handler)
    : group_(group),
      env_(group.environment_),
      rep_(std::make_unique<Rep>(group.io_, std::move(handler))),
      io_(&group.io_) {
  error_code ec;
  rep_->socket.next_layer().assign(socket.is_ipv6 ? tcp::v6() : tcp::v4(), socket.fd, ec);
  env_.open.Add();
}

WebSocketSession::~WebSocketSession() { env_.open.Remove(); }

// Runs `action` on the I/O thread, unless the connection has ended.
template <typename Action>
void WebSocketSession::Post(Action action) {
  MutexLock lock(mutex_);
  if (io_ != nullptr) {
    boost::asio::post(*io_, [self = shared_from_this(), action = std::move(action)]() mutable {
      if (self->rep_->phase == Rep::Phase::kOpen) {
        action(*self);
      }
    });
  }
}

void WebSocketSession::Send(std::string text) {
  Post([text = std::move(text)](WebSocketSession& self) mutable {
    if (!self.rep_->close_wanted) {
      self.rep_->outbox.push_back(std::move(text));
      self.Write();
    }
  });
}

void WebSocketSession::Close(uint16_t code, std::string_view reason) {
  Post([code, reason = std::string(reason)](WebSocketSession& self) {
    self.BeginClose(code, reason);
  });
}

void WebSocketSession::Start(std::list<std::shared_ptr<WebSocketSession>>::iterator place,
                             const Request& request) {
  place_ = place;
  Rep& rep = *rep_;
  rep.heard_ns = env_.clock.MonotonicNs();
  rep.socket.auto_fragment(false);
  rep.socket.read_message_max(kMaxMessageBytes);
  rep.socket.text(true);
  // Called by reads alone, which keep this alive.
  rep.socket.control_callback([this](websocket::frame_type, boost::beast::string_view) {
    rep_->heard_ns = env_.clock.MonotonicNs();
  });
  rep.socket.async_accept(HandshakeOf(request), [self = shared_from_this()](error_code ec) {
    if (ec) {
      self->End();
    } else if (self->rep_->phase == Rep::Phase::kAccepting) {
      self->OnAccepted();
    }
  });
}

void WebSocketSession::OnAccepted() {
  rep_->phase = Rep::Phase::kOpen;
  rep_->next_ping_ns = env_.clock.MonotonicNs() + env_.options.websocket_ping_interval.count();
  rep_->handler->OnOpen(shared_from_this());
  Read();
  if (env_.draining) {
    Drain();
  }
}

void WebSocketSession::Read() {
  rep_->socket.async_read_some(boost::asio::buffer(rep_->input),
                               [self = shared_from_this()](error_code ec, size_t) {
                                 if (ec) {
                                   return self->End();
                                 }
                                 self->rep_->heard_ns = self->env_.clock.MonotonicNs();
                                 self->Read();
                               });
}

// Writes the next frame; when there is none, the close frame if one is due.
void WebSocketSession::Write() {
  Rep& rep = *rep_;
  if (rep.writing || rep.phase != Rep::Phase::kOpen) {
    return;
  }
  if (!rep.outbox.empty()) {
    rep.writing = true;
    rep.socket.async_write(boost::asio::buffer(rep.outbox.front()),
                           [self = shared_from_this()](error_code ec, size_t) {
                             self->rep_->writing = false;
                             if (ec || self->rep_->phase == Rep::Phase::kEnded) {
                               return self->End();
                             }
                             self->rep_->outbox.pop_front();
                             self->rep_->handler->OnSent();
                             self->Write();
                           });
  } else if (rep.close_wanted) {
    rep.phase = Rep::Phase::kClosing;
    rep.socket.async_close(rep.reason, [self = shared_from_this()](error_code) { self->End(); });
  }
}

void WebSocketSession::BeginClose(uint16_t code, std::string_view reason) {
  Rep& rep = *rep_;
  if (rep.close_wanted) {
    return;
  }
  rep.close_wanted = true;
  rep.close_deadline_ns = env_.clock.MonotonicNs() + kCloseTimeoutNs;
  const std::string_view cut = CutReason(reason);
  rep.reason = websocket::close_reason(static_cast<websocket::close_code>(code),
                                       boost::beast::string_view(cut.data(), cut.size()));
  Write();
}

void WebSocketSession::Tick(int64_t now_ns) {
  Rep& rep = *rep_;
  // The peer is closing, or has broken the protocol and been told: it still has to hang up.
  if (rep.phase == Rep::Phase::kOpen && !rep.socket.is_open()) {
    rep.close_deadline_ns = std::min(rep.close_deadline_ns, now_ns + kCloseTimeoutNs);
  }
  if (now_ns >= rep.close_deadline_ns ||
      now_ns - rep.heard_ns >= env_.options.websocket_timeout.count()) {
    return End();
  }
  if (rep.phase == Rep::Phase::kOpen && rep.close_deadline_ns == kNever && !rep.pinging &&
      now_ns >= rep.next_ping_ns) {
    rep.pinging = true;
    rep.next_ping_ns = now_ns + env_.options.websocket_ping_interval.count();
    rep.socket.async_ping({}, [self = shared_from_this()](error_code ec) {
      self->rep_->pinging = false;
      if (ec) {
        self->End();
      }
    });
  }
}

void WebSocketSession::Drain() {
  if (rep_->phase == Rep::Phase::kOpen) {
    BeginClose(kCloseGoingAway, "the server is stopping");
  }
}

void WebSocketSession::Abort() { End(); }

// What is under way on the socket ends with it.
void WebSocketSession::End() {
  Rep& rep = *rep_;
  if (rep.phase == Rep::Phase::kEnded) {
    return;
  }
  const std::shared_ptr<WebSocketSession> self = shared_from_this();
  rep.phase = Rep::Phase::kEnded;
  {
    MutexLock lock(mutex_);
    io_ = nullptr;
  }
  error_code ec;
  rep.socket.next_layer().close(ec);
  group_.websockets_.erase(place_);
  std::exchange(rep.handler, nullptr)->OnClosed();
}

}  // namespace skald::net
