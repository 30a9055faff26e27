#include "net/http_session.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>

#include "common/metrics.h"
#include "net/session_group.h"
#include "net/websocket.h"
#include "net/websocket_session.h"

namespace skald::net {
namespace {

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

// Reads or writes in a row before other connections get their turn.
constexpr int kBurst = 16;

// Bytes of later requests kept while one is served; beyond, the peer has to wait.
constexpr size_t kMaxReadAhead = 64 << 10;

// Each of these bytes moved gives a slow transfer a second more.
constexpr int64_t kBytesPerExtraSecond = 128 << 10;
constexpr int64_t kSecondNs = 1'000'000'000;

// How long a refused peer may go on sending before the connection is cut. Closing at once would
// reset it, and the peer might never see why.
constexpr int64_t kLingerNs = 5 * kSecondNs;

int64_t ExtraTimeNs(uint64_t bytes) {
  return static_cast<int64_t>(bytes) / kBytesPerExtraSecond * kSecondNs;
}

const Gauge& OpenConnections() {
  static const Gauge gauge =
      Metrics::GetGauge("loki_tcp_connections", "Open connections.", {{"protocol", "http"}});
  return gauge;
}

}  // namespace

HttpSession::HttpSession(SessionGroup& group, const AcceptedSocket& socket)
    : group_(group),
      env_(group.environment_),
      socket_(group.io_, socket, env_.tls),
      remote_address_(socket.remote_address) {
  env_.open.Add();
  OpenConnections().Add(1);
}

HttpSession::~HttpSession() {
  socket_.Close();
  OpenConnections().Add(-1);
  env_.open.Remove();
}

bool HttpSession::may_read() const {
  return !input_ended_ && phase_ != Phase::kClosed &&
         (receiving() || phase_ == Phase::kLingering || pending_.size() < kMaxReadAhead);
}

int64_t HttpSession::DeadlineAfter(std::chrono::nanoseconds timeout) const {
  return env_.clock.MonotonicNs() + timeout.count();
}

void HttpSession::Start(std::list<std::shared_ptr<HttpSession>>::iterator place) {
  place_ = place;
  deadline_ns_ = DeadlineAfter(env_.options.header_timeout);
  WaitForInput();
}

void HttpSession::Tick(int64_t now_ns) {
  if (now_ns < deadline_ns_) {
    return;
  }
  if (phase_ == Phase::kHeader || phase_ == Phase::kBody) {
    Refuse(408, "request timed out: header and body did not come in time");
  } else {
    Close();
  }
}

void HttpSession::Drain() {
  // What has already come is still answered.
  if (phase_ == Phase::kIdle && !socket_.HasInput()) {
    Close();
  }
}

void HttpSession::Abort() {
  cancel_.Cancel();
  Close();
}

// At most one wait is under way, in whatever phase; it ends with the socket.
void HttpSession::WaitForInput() {
  if (waiting_for_input_ || !may_read()) {
    return;
  }
  waiting_for_input_ = true;
  socket_.WaitForInput([self = shared_from_this()] {
    self->waiting_for_input_ = false;
    if (self->phase_ != Phase::kClosed) {
      self->ReadInput();
      self->WaitForInput();
    }
  });
}

void HttpSession::ReadInput() {
  std::string& scratch = group_.scratch_;
  for (int i = 0; i < kBurst && may_read(); ++i) {
    const StreamSocket::Moved read = socket_.Read(scratch.data(), scratch.size());
    if (read.would_block) {
      return;
    }
    if (read.ended) {
      return OnEndOfInput();
    }
    OnInput(std::string_view(scratch.data(), read.bytes));
    if (read.bytes < scratch.size()) {
      return;  // The socket is empty; the next wait tells when it is not.
    }
  }
}

void HttpSession::OnInput(std::string_view fresh) {
  if (phase_ == Phase::kLingering) {
    return;
  }
  if (pending_.empty()) {
    pending_.assign(fresh.substr(Parse(fresh)));
    return;
  }
  pending_.append(fresh);
  pending_.erase(0, Parse(pending_));
}

// The peer will send no more; it may still want the answer to what it has sent.
void HttpSession::OnEndOfInput() {
  input_ended_ = true;
  if (phase_ == Phase::kHandling || phase_ == Phase::kWriting) {
    cancel_.Cancel();
  } else {
    Close();
  }
}

// Uses what it can of `bytes`, up to the end of one request, and returns how much that is.
size_t HttpSession::Parse(std::string_view bytes) {
  size_t used = 0;
  while (receiving() && used < bytes.size()) {
    if (phase_ == Phase::kIdle) {
      if (bytes[used] == '\r' || bytes[used] == '\n') {
        ++used;  // Some clients send an empty line after a body.
        continue;
      }
      BeginRequest();
    }
    const size_t step = exchange_->Put(bytes.substr(used));
    used += step;
    const bool waits_for_more = exchange_->state() == RequestParser::State::kHeader ||
                                (exchange_->body_begun() && step == 0);
    OnParsed(/*body_has_come=*/used < bytes.size());
    if (waits_for_more) {
      break;
    }
  }
  return used;
}

void HttpSession::BeginRequest() {
  cancel_ = CancelToken();
  exchange_ = std::make_unique<Exchange>(env_, remote_address_, cancel_);
  phase_ = Phase::kHeader;
  deadline_ns_ = DeadlineAfter(env_.options.header_timeout);
}

void HttpSession::OnParsed(bool body_has_come) {
  if (exchange_->header_complete() && !exchange_->body_begun()) {
    OnHeader(body_has_come);
  }
  if (!receiving()) {
    return;
  }
  if (exchange_->state() == RequestParser::State::kFailed) {
    refused_ = true;
    exchange_->RefuseUnread();
    StartWriting();
  } else if (exchange_->state() == RequestParser::State::kDone) {
    Dispatch();
  } else if (phase_ == Phase::kBody) {
    deadline_ns_ =
        phase_start_ns_ + env_.options.read_timeout.count() + ExtraTimeNs(exchange_->body_bytes());
  }
}

void HttpSession::OnHeader(bool body_has_come) {
  exchange_->BeginBody();
  phase_ = Phase::kBody;
  phase_start_ns_ = env_.clock.MonotonicNs();
  if (exchange_->state() != RequestParser::State::kBody) {
    return;
  }
  const Exchange::Expectation expectation = exchange_->expectation();
  if (expectation == Exchange::Expectation::kUnknown) {
    Refuse(417, "unknown expectation");
  } else if (expectation == Exchange::Expectation::kContinue && !body_has_come &&
             socket_.HasRoom()) {
    // Without it, the client sends its body after a second of patience.
    socket_.Write({"HTTP/1.1 100 Continue\r\n\r\n"});
  }
}

// Until the posted call, the exchange is the handler's thread's.
void HttpSession::Dispatch() {
  phase_ = Phase::kHandling;
  deadline_ns_ = kNever;
  const bool taken = exchange_->Dispatch([self = shared_from_this()] {
    self->exchange_->Handle();
    boost::asio::post(self->group_.io_, [self] { self->StartWriting(); });
  });
  if (taken) return;
  exchange_->RefuseAtGate();
  StartWriting();
}

// Answers without a handler and ends the connection.
void HttpSession::Refuse(int status, const std::string& message) {
  refused_ = true;
  exchange_->Refuse(status, message);
  StartWriting();
}

void HttpSession::StartWriting() {
  if (phase_ == Phase::kClosed) {
    return;
  }
  if (exchange_->websocket() != nullptr) {
    return BecomeWebSocket();
  }
  phase_ = Phase::kWriting;
  phase_start_ns_ = env_.clock.MonotonicNs();
  written_ = 0;
  Write();
}

// Hands the socket over. A peer that has sent more than its request does not wait for the answer,
// as it must.
void HttpSession::BecomeWebSocket() {
  if (input_ended_ || !pending_.empty()) {
    exchange_->websocket()->OnClosed();
    return Close();
  }
  const std::shared_ptr<HttpSession> self = shared_from_this();
  phase_ = Phase::kClosed;
  group_.sessions_.erase(place_);
  group_.AddWebSocket(
      std::make_shared<WebSocketSession>(group_, std::move(socket_), exchange_->websocket()),
      exchange_->request());
  exchange_.reset();
}

void HttpSession::Write() {
  const std::string_view head = exchange_->answer_head();
  const std::string_view body = exchange_->answer_body();
  StreamSocket::Moved sent;
  for (int i = 0;
       i < kBurst && !sent.would_block && !sent.ended && written_ < head.size() + body.size();
       ++i) {
    const size_t of_head = std::min(written_, head.size());
    sent = socket_.Write({head.substr(of_head), body.substr(written_ - of_head)});
    written_ += sent.bytes;
  }
  if (sent.ended) {
    cancel_.Cancel();
    return Close();
  }
  if (written_ == head.size() + body.size()) {
    return OnWritten();
  }
  deadline_ns_ = phase_start_ns_ + env_.options.write_timeout.count() + ExtraTimeNs(written_);
  socket_.WaitForRoom([self = shared_from_this()] {
    if (self->phase_ == Phase::kWriting) {
      self->Write();
    }
  });
}

void HttpSession::OnWritten() {
  const bool keep_alive = exchange_->keep_alive();
  exchange_.reset();
  if (keep_alive) {
    NextRequest();
  } else if (refused_ || !pending_.empty()) {
    Linger();
  } else {
    Close();
  }
}

void HttpSession::NextRequest() {
  phase_ = Phase::kIdle;
  deadline_ns_ = DeadlineAfter(env_.options.idle_timeout);
  if (pending_.empty()) {
    std::string().swap(pending_);
  } else {
    pending_.erase(0, Parse(pending_));
  }
  if (receiving() && (input_ended_ || (phase_ == Phase::kIdle && env_.draining))) {
    return Close();
  }
  WaitForInput();
}

// Ends our side and swallows what the peer still sends, so that it gets to read the answer.
void HttpSession::Linger() {
  if (input_ended_) {
    return Close();
  }
  socket_.EndSending();
  phase_ = Phase::kLingering;
  deadline_ns_ = env_.clock.MonotonicNs() + kLingerNs;
  WaitForInput();
}

void HttpSession::Close() {
  if (phase_ == Phase::kClosed) {
    return;
  }
  const std::shared_ptr<HttpSession> self = shared_from_this();
  phase_ = Phase::kClosed;
  socket_.Close();
  group_.sessions_.erase(place_);
}

}  // namespace skald::net
