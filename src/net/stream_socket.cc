#include "net/stream_socket.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <utility>

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
};

StreamSocket::StreamSocket(boost::asio::io_context& io, const AcceptedSocket& socket)
    : rep_(std::make_unique<Rep>(io)) {
  error_code ec;
  rep_->socket.assign(socket.is_ipv6 ? tcp::v6() : tcp::v4(), socket.fd, ec);
  rep_->socket.non_blocking(true, ec);
}

StreamSocket::~StreamSocket() { Close(); }

bool StreamSocket::HasInput() {
  error_code ec;
  return rep_->socket.available(ec) != 0;
}

StreamSocket::Moved StreamSocket::Read(char* to, size_t size) {
  error_code ec;
  const size_t bytes = rep_->socket.read_some(boost::asio::buffer(to, size), ec);
  return Outcome(bytes, ec);
}

StreamSocket::Moved StreamSocket::Write(std::initializer_list<std::string_view> parts) {
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
  rep_->Wait(tcp::socket::wait_read, std::move(ready));
}

void StreamSocket::WaitForRoom(std::function<void()> ready) {
  rep_->Wait(tcp::socket::wait_write, std::move(ready));
}

void StreamSocket::EndSending() {
  error_code ec;
  rep_->socket.shutdown(tcp::socket::shutdown_send, ec);
}

int StreamSocket::Release() {
  error_code ec;
  return rep_->socket.release(ec);
}

void StreamSocket::Close() {
  error_code ec;
  rep_->socket.close(ec);
}

}  // namespace skald::net
