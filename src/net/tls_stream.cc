#include "net/tls_stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/sslerr.h>
#include <sys/socket.h>

#include <array>

namespace skald::net {
namespace {

// Compat: as Go's server answers it.
constexpr std::string_view kPlainHttpAnswer =
    "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";

// Of a request in the clear, so much is taken off the socket: closing one with unread bytes resets
// the connection, and the peer might never see the answer.
constexpr int kDiscardedReads = 16;

}  // namespace

TlsStream::~TlsStream() { SSL_free(ssl_); }

StreamSocket::Moved TlsStream::Read(char* to, size_t size) {
  StreamSocket::Moved moved;
  read_waits_for_room_ = false;
  while (moved.bytes < size) {
    ERR_clear_error();
    size_t bytes = 0;
    const int result = SSL_read_ex(ssl_, to + moved.bytes, size - moved.bytes, &bytes);
    if (result != 1) {
      const StreamSocket::Moved failed = Failed(result, Direction::kRead);
      return moved.bytes > 0 ? moved : failed;  // The next call tells.
    }
    moved.bytes += bytes;
  }
  return moved;
}

StreamSocket::Moved TlsStream::Write(std::initializer_list<std::string_view> parts) {
  StreamSocket::Moved moved;
  write_waits_for_input_ = false;
  for (std::string_view part : parts) {
    while (!part.empty()) {
      ERR_clear_error();
      size_t bytes = 0;
      const int result = SSL_write_ex(ssl_, part.data(), part.size(), &bytes);
      if (result != 1) {
        const StreamSocket::Moved failed = Failed(result, Direction::kWrite);
        return {.bytes = moved.bytes, .would_block = failed.would_block, .ended = failed.ended};
      }
      moved.bytes += bytes;
      part.remove_prefix(bytes);
    }
  }
  return moved;
}

bool TlsStream::has_input() const { return ended_ || SSL_pending(ssl_) > 0; }

StreamSocket::Moved TlsStream::Failed(int result, Direction direction) {
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ:
      write_waits_for_input_ = direction == Direction::kWrite;
      return {.would_block = true};
    case SSL_ERROR_WANT_WRITE:
      read_waits_for_room_ = direction == Direction::kRead;
      return {.would_block = true};
    case SSL_ERROR_ZERO_RETURN:
      ended_ = true;
      return {.ended = true};
    default:
      break;
  }
  if (!broken_ && ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST) AnswerPlainHttp();
  ERR_clear_error();
  ended_ = true;
  broken_ = true;
  return {.ended = true};
}

void TlsStream::AnswerPlainHttp() {
  send(fd_, kPlainHttpAnswer.data(), kPlainHttpAnswer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  shutdown(fd_, SHUT_WR);
  std::array<char, 4096> discarded;
  for (int i = 0; i < kDiscardedReads; ++i) {
    if (recv(fd_, discarded.data(), discarded.size(), MSG_DONTWAIT) <= 0) return;
  }
}

void TlsStream::End() {
  if (broken_ || SSL_is_init_finished(ssl_) == 0) return;
  broken_ = true;
  ERR_clear_error();
  SSL_shutdown(ssl_);
}

}  // namespace skald::net
