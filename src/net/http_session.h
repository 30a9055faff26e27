#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "common/executor.h"
#include "net/exchange.h"
#include "net/listener.h"
#include "net/stream_socket.h"

namespace skald::net {

class SessionGroup;

// One connection, a state machine over a socket that does not block:
//
//   idle ─▶ header ─▶ body ─▶ handling ─▶ writing ─▶ idle, or lingering ─▶ closed
//
// Bytes are read into the group's buffer; the session keeps only those it cannot use yet. While a
// handler runs, reading goes on: bytes of the next request wait (up to a bound, at which the peer
// is no longer watched), and the end of the stream cancels the request. A request that asks for an
// upgrade which no route knows is an ordinary request. Where a route answers with a WebSocket, the
// session ends with the socket handed over instead of writing.
//
// Order:     Start first; nothing after Abort.
// Ownership: owned by its group until closed, and by whatever waits for it.
// Threads:   the group's I/O thread; the constructor anywhere.
class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(SessionGroup& group, const AcceptedSocket& socket);
  ~HttpSession();

  void Start(std::list<std::shared_ptr<HttpSession>>::iterator place);
  // Ends the connection if it is past its deadline.
  void Tick(int64_t now_ns);
  void Drain();
  void Abort();

 private:
  enum class Phase { kIdle, kHeader, kBody, kHandling, kWriting, kLingering, kClosed };

  bool receiving() const { return phase_ <= Phase::kBody; }
  bool may_read() const;
  int64_t DeadlineAfter(std::chrono::nanoseconds timeout) const;

  void WaitForInput();
  void ReadInput();
  void OnInput(std::string_view fresh);
  void OnEndOfInput();
  size_t Parse(std::string_view bytes);
  void BeginRequest();
  void OnParsed(bool body_has_come);
  void OnHeader(bool body_has_come);
  void Dispatch();
  void Refuse(int status, const std::string& message);
  void StartWriting();
  void BecomeWebSocket();
  void Write();
  void OnWritten();
  void NextRequest();
  void Linger();
  void Close();

  SessionGroup& group_;
  SessionEnvironment& env_;
  StreamSocket socket_;
  std::list<std::shared_ptr<HttpSession>>::iterator place_;
  const std::string remote_address_;

  Phase phase_ = Phase::kIdle;
  bool waiting_for_input_ = false;
  bool input_ended_ = false;
  int64_t phase_start_ns_ = 0;
  int64_t deadline_ns_ = std::numeric_limits<int64_t>::max();
  std::string pending_;  // Received and not yet used.
  std::unique_ptr<Exchange> exchange_;
  CancelToken cancel_;    // Of the request under way; shared with its handler.
  bool refused_ = false;  // The peer may go on sending what nobody reads.
  size_t written_ = 0;    // Of the answer's head and body together.
};

}  // namespace skald::net
