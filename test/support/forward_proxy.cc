#include "support/forward_proxy.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string_view>

namespace skald::test {
namespace {

constexpr int kPollMs = 20;  // Between looks at whether to stop.

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void SendAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

// What there is to read; empty at the end.
std::string Receive(int fd) {
  std::array<char, 16384> buffer;
  const ssize_t size = recv(fd, buffer.data(), buffer.size(), 0);
  return size <= 0 ? "" : std::string(buffer.data(), static_cast<size_t>(size));
}

// Whether there is something to read, or the end.
bool IsReadable(int fd, int wait_ms) {
  pollfd wait = {.fd = fd, .events = POLLIN, .revents = 0};
  return poll(&wait, 1, wait_ms) > 0;
}

}  // namespace

ForwardProxy::ForwardProxy(uint16_t tunnel_port)
    : tunnel_port_(tunnel_port), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(bind(listener_, raw, size), 0);
  EXPECT_EQ(listen(listener_, 16), 0);
  EXPECT_EQ(getsockname(listener_, raw, &size), 0);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

ForwardProxy::~ForwardProxy() {
  stopping_ = true;
  acceptor_.join();
  for (std::thread& connection : connections_) connection.join();
  close(listener_);
}

std::string ForwardProxy::address() const { return "127.0.0.1:" + std::to_string(port_); }

std::vector<std::string> ForwardProxy::heads() const {
  MutexLock lock(mutex_);
  return heads_;
}

std::vector<std::string> ForwardProxy::openings() const {
  MutexLock lock(mutex_);
  return openings_;
}

void ForwardProxy::Accept() {
  while (!stopping_) {
    if (!IsReadable(listener_, kPollMs)) continue;
    const int client = accept(listener_, nullptr, nullptr);
    if (client >= 0) connections_.emplace_back([this, client] { Serve(client); });
  }
}

// One request a connection: who asks again connects again.
void ForwardProxy::Serve(int client) {
  std::string received;
  while (!stopping_ && received.find("\r\n\r\n") == received.npos) {
    if (!IsReadable(client, kPollMs)) continue;
    const std::string more = Receive(client);
    if (more.empty()) break;
    received += more;
  }
  const bool tunnel = received.starts_with("CONNECT ");
  {
    MutexLock lock(mutex_);
    heads_.push_back(received.substr(0, received.find("\r\n\r\n") + 2));
  }
  if (tunnel) {
    Tunnel(client);
  } else {
    SendAll(client, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
    shutdown(client, SHUT_WR);
    // Until the client closes, so that its body does not turn the answer into a reset.
    while (!stopping_ && (!IsReadable(client, kPollMs) || !Receive(client).empty())) {
    }
  }
  close(client);
}

void ForwardProxy::Tunnel(int client) {
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(tunnel_port_);
  if (connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    SendAll(client, "HTTP/1.1 200 Connection established\r\n\r\n");
    bool open = true;
    for (bool first = true; open && !stopping_;) {
      if (IsReadable(client, 1)) {
        const std::string bytes = Receive(client);
        open = !bytes.empty();
        SendAll(server, bytes);
        MutexLock lock(mutex_);
        if (first) openings_.push_back(bytes);
        first = false;
      }
      if (open && IsReadable(server, 1)) {
        const std::string bytes = Receive(server);
        open = !bytes.empty();
        SendAll(client, bytes);
      }
    }
  }
  close(server);
}

}  // namespace skald::test
