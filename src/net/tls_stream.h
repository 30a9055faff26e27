#pragma once

#include <cstddef>
#include <initializer_list>
#include <string_view>

#include "net/stream_socket.h"

struct ssl_st;

namespace skald::net {

// The server's side of TLS over a socket that does not block. The handshake happens in the first
// reads. A client that speaks plain HTTP is told so, as far as one can.
//
// Order:     nothing after End.
// Ownership: takes over `ssl`; borrows the socket `fd`. SIGPIPE must be ignored: OpenSSL writes
//            without looking whether the peer is still there.
// Threads:   not synchronised.
class TlsStream {
 public:
  TlsStream(ssl_st* ssl, int fd) : ssl_(ssl), fd_(fd) {}
  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  // As those of StreamSocket.
  StreamSocket::Moved Read(char* to, size_t size);
  StreamSocket::Moved Write(std::initializer_list<std::string_view> parts);

  // Whether a read would get somewhere although nothing more comes over the socket.
  bool has_input() const;
  // Whether the last call that moved nothing waits for the opposite of what it is about: a
  // handshake writes while reading.
  bool read_waits_for_room() const { return read_waits_for_room_; }
  bool write_waits_for_input() const { return write_waits_for_input_; }

  // Tells the peer that no more will be sent.
  void End();

 private:
  enum class Direction { kRead, kWrite };

  StreamSocket::Moved Failed(int result, Direction direction);
  void AnswerPlainHttp();

  ssl_st* const ssl_;
  const int fd_;
  bool read_waits_for_room_ = false;
  bool write_waits_for_input_ = false;
  bool ended_ = false;   // By the peer.
  bool broken_ = false;  // Nothing more can be said over TLS.
};

}  // namespace skald::net
