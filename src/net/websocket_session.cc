#include "net/websocket_session.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket.hpp>
#include <cstddef>
#include <deque>
#include <limits>
#include <type_traits>
#include <utility>

#include "net/session_group.h"

namespace skald::net {
namespace {

namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
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

using IoExecutor = boost::asio::io_context::executor_type;

// A handler of Beast's that is called once: with an error when nothing is left that would call it,
// as other operations of Beast wait for this one. `Rest` is what follows the error.
template <typename Handler, typename... Rest>
class CalledOnce {
 public:
  CalledOnce(IoExecutor executor, Handler handler)
      : executor_(executor), handler_(std::move(handler)) {}
  ~CalledOnce() {
    if (called_) return;
    boost::asio::post(executor_, [handler = std::move(handler_)]() mutable {
      handler(error_code(boost::asio::error::operation_aborted), Rest()...);
    });
  }
  CalledOnce(const CalledOnce&) = delete;
  CalledOnce& operator=(const CalledOnce&) = delete;

  void operator()(error_code ec, Rest... rest) {
    called_ = true;
    handler_(ec, rest...);
  }

 private:
  const IoExecutor executor_;
  Handler handler_;
  bool called_ = false;
};

// A StreamSocket as Beast wants one. Nothing is tried before a wait, so that no handler is called
// by who hands it over.
class AsyncSocket {
 public:
  using executor_type = IoExecutor;

  AsyncSocket(boost::asio::io_context& io, StreamSocket socket)
      : executor_(io.get_executor()), socket_(std::move(socket)) {}

  executor_type get_executor() const { return executor_; }
  void Close() { socket_.Close(); }

  template <typename Buffers, typename Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    Read(buffers, Share<size_t>(std::forward<Handler>(handler)));
  }

  template <typename Buffers, typename Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    Write(buffers, Share<size_t>(std::forward<Handler>(handler)));
  }

  // Ends our side and waits until the peer has ended his: closing a socket with unread bytes resets
  // the connection, and the close frame might be lost with it.
  template <typename Handler>
  void EndBoth(Handler&& handler) {
    socket_.EndSending();
    Discard(Share<>(std::forward<Handler>(handler)));
  }

 private:
  // Handlers can only be moved, but what waits for a socket must be copyable.
  template <typename... Rest, typename Handler>
  auto Share(Handler&& handler) {
    return std::make_shared<CalledOnce<std::decay_t<Handler>, Rest...>>(
        executor_, std::forward<Handler>(handler));
  }

  template <typename Buffers, typename Handler>
  void Read(const Buffers& buffers, std::shared_ptr<Handler> handler) {
    socket_.WaitForInput([this, buffers, handler = std::move(handler)] {
      StreamSocket::Moved moved;
      for (auto next = boost::asio::buffer_sequence_begin(buffers);
           next != boost::asio::buffer_sequence_end(buffers); ++next) {
        const boost::asio::mutable_buffer buffer = *next;
        if (buffer.size() == 0) continue;
        moved = socket_.Read(static_cast<char*>(buffer.data()), buffer.size());
        break;
      }
      if (moved.would_block) return Read(buffers, handler);
      (*handler)(moved.ended ? error_code(boost::asio::error::eof) : error_code(), moved.bytes);
    });
  }

  template <typename Buffers, typename Handler>
  void Write(const Buffers& buffers, std::shared_ptr<Handler> handler) {
    socket_.WaitForRoom([this, buffers, handler = std::move(handler)] {
      StreamSocket::Moved last;
      size_t bytes = 0;
      for (auto next = boost::asio::buffer_sequence_begin(buffers);
           next != boost::asio::buffer_sequence_end(buffers); ++next) {
        const boost::asio::const_buffer buffer = *next;
        last = socket_.Write({{static_cast<const char*>(buffer.data()), buffer.size()}});
        bytes += last.bytes;
        if (last.bytes < buffer.size()) break;
      }
      if (bytes == 0 && last.would_block) return Write(buffers, handler);
      (*handler)(last.ended ? error_code(boost::asio::error::broken_pipe) : error_code(), bytes);
    });
  }

  template <typename Handler>
  void Discard(std::shared_ptr<Handler> handler) {
    socket_.WaitForInput([this, handler = std::move(handler)] {
      std::array<char, 1024> discarded;
      if (!socket_.Read(discarded.data(), discarded.size()).ended) return Discard(handler);
      (*handler)(error_code());
    });
  }

  const executor_type executor_;
  StreamSocket socket_;
};

// Beast finds these by the type of their argument.
template <typename Handler>
void async_teardown(boost::beast::role_type, AsyncSocket& socket, Handler&& handler) {
  socket.EndBoth(std::forward<Handler>(handler));
}

void beast_close_socket(AsyncSocket& socket) { socket.Close(); }

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

  Rep(boost::asio::io_context& io, StreamSocket connection, std::shared_ptr<WebSocketHandler> told)
      : socket(io, std::move(connection)), handler(std::move(told)) {}

  websocket::stream<AsyncSocket> socket;
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

WebSocketSession::WebSocketSession(SessionGroup& group, StreamSocket socket,
                                   std::shared_ptr<WebSocketHandler> handler)
    : group_(group),
      env_(group.environment_),
      rep_(std::make_unique<Rep>(group.io_, std::move(socket), std::move(handler))),
      io_(&group.io_) {
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
  rep.socket.next_layer().Close();
  group_.websockets_.erase(place_);
  std::exchange(rep.handler, nullptr)->OnClosed();
}

}  // namespace skald::net
