#include "net/stream_socket.h"

#include <poll.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "net/tls_context.h"
#include "net/tls_stream.h"

namespace skald::net {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr size_t kMaxParts = 2;  // Head and body of an answer.

StreamSocket::Moved Outcome(size_t bytes, const error_code& ec) {
  const bool would_block = ec == boost::asio::error::would_block;
  return {.bytes = bytes, .would_block = would_block, .ended = ec && !would_block};
}

}  // namespace

struct StreamSocket::Rep {
  explicit Rep(boost::asio::io_context& io) : socket(io) {}

  void Wait(tcp::socket::wait_type what, std::function<void()> ready) {
    socket.async_wait(what, [ready = std::move(ready)](const error_code& ec) {
      if (!ec) {
        ready();
      }
    });
  }

  tcp::socket socket;
  std::unique_ptr<TlsStream> tls;
};

StreamSocket::StreamSocket(boost::asio::io_context& io, const AcceptedSocket& socket,
                           const TlsContext* tls)
    : rep_(std::make_unique<Rep>(io)) {
  error_code ec;
  rep_->socket.assign(socket.is_ipv6 ? tcp::v6() : tcp::v4(), socket.fd, ec);
  rep_->socket.non_blocking(true, ec);
  if (tls != nullptr) rep_->tls = tls->Accept(socket.fd);
}

StreamSocket::StreamSocket(StreamSocket&& other) noexcept : rep_(std::move(other.rep_)) {
  error_code ec;
  rep_->socket.cancel(ec);
}

StreamSocket::~StreamSocket() { Close(); }

bool StreamSocket::HasInput() {
  error_code ec;
  return rep_->socket.available(ec) != 0 || (rep_->tls != nullptr && rep_->tls->has_input());
}

// The kernel reports room only when a good part of its buffer is free.
bool StreamSocket::HasRoom() {
  pollfd poll_for = {.fd = rep_->socket.native_handle(), .events = POLLOUT, .revents = 0};
  return poll(&poll_for, 1, 0) == 1 && (poll_for.revents & POLLOUT) != 0;
}

StreamSocket::Moved StreamSocket::Read(char* to, size_t size) {
  if (rep_->tls != nullptr) return rep_->tls->Read(to, size);
  error_code ec;
  const size_t bytes = rep_->socket.read_some(boost::asio::buffer(to, size), ec);
  return Outcome(bytes, ec);
}

StreamSocket::Moved StreamSocket::Write(std::initializer_list<std::string_view> parts) {
  if (rep_->tls != nullptr) return rep_->tls->Write(parts);
  std::array<boost::asio::const_buffer, kMaxParts> buffers;
  size_t count = 0;
  for (const std::string_view part : parts) {
    buffers[count++] = boost::asio::buffer(part.data(), part.size());
  }
  error_code ec;
  const size_t bytes = rep_->socket.write_some(buffers, ec);
  return Outcome(bytes, ec);
}

void StreamSocket::WaitForInput(std::function<void()> ready) {
  const TlsStream* tls = rep_->tls.get();
  if (tls != nullptr && tls->has_input()) {
    boost::asio::post(rep_->socket.get_executor(), std::move(ready));
  } else {
    rep_->Wait(tls != nullptr && tls->read_waits_for_room() ? tcp::socket::wait_write
                                                            : tcp::socket::wait_read,
               std::move(ready));
  }
}

void StreamSocket::WaitForRoom(std::function<void()> ready) {
  const TlsStream* tls = rep_->tls.get();
  rep_->Wait(tls != nullptr && tls->write_waits_for_input() ? tcp::socket::wait_read
                                                            : tcp::socket::wait_write,
             std::move(ready));
}

void StreamSocket::EndSending() {
  if (rep_->tls != nullptr) rep_->tls->End();
  error_code ec;
  rep_->socket.shutdown(tcp::socket::shutdown_send, ec);
}

void StreamSocket::Close() {
  if (rep_ == nullptr || !rep_->socket.is_open()) return;
  if (rep_->tls != nullptr) rep_->tls->End();
  rep_->tls.reset();  // It knows the descriptor, which may soon be another's.
  error_code ec;
  rep_->socket.close(ec);
}

}  // namespace skald::net
