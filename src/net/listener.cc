#include "net/listener.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>

namespace skald::net {
namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

// The system's text for `error`, in the form of our messages.
std::string ErrorText(int error) {
  std::string text = std::generic_category().message(error);
  text[0] = static_cast<char>(text[0] | 0x20);
  return text;
}

std::string HostAndPort(const std::string& host, uint16_t port) {
  const bool bare_ipv6 = host.find(':') != std::string::npos;
  return (bare_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<AddressList> Resolve(const std::string& address, uint16_t port) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(address.empty() ? nullptr : address.c_str(),
                                std::to_string(port).c_str(), &hints, &found);
  if (error != 0) {
    return InvalidArgument(gai_strerror(error));
  }
  return AddressList(found, freeaddrinfo);
}

// A bound and listening socket, or -1 with errno set.
int TryListen(const addrinfo& where) {
  const int fd = socket(where.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    return -1;
  }
  const int on = 1;
  const int off = 0;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (where.ai_family == AF_INET6) {
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);  // IPv4 on the same socket.
  }
  if (bind(fd, where.ai_addr, where.ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0) {
    return fd;
  }
  const int error = errno;
  close(fd);
  errno = error;
  return -1;
}

// Text and port of `address`; an IPv4 client of an IPv6 socket is shown as IPv4.
std::pair<std::string, uint16_t> Describe(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text = {};
  if (address.ss_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &address, sizeof v4);
    inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    return {text.data(), ntohs(v4.sin_port)};
  }
  sockaddr_in6 v6;
  std::memcpy(&v6, &address, sizeof v6);
  if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
    inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], text.data(), text.size());
  } else {
    inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
  }
  return {text.data(), ntohs(v6.sin6_port)};
}

}  // namespace

Result<Listener> Listener::Open(const std::string& address, uint16_t port) {
  const std::string context = "listen on " + HostAndPort(address, port);
  Result<AddressList> resolved = Resolve(address, port);
  if (!resolved.ok()) {
    return Annotate(std::move(resolved).status(), context);
  }
  // Without an address, IPv6 first: that socket takes IPv4 as well.
  const int preferred = address.empty() ? AF_INET6 : (*resolved)->ai_family;
  int fd = -1;
  int error = EADDRNOTAVAIL;
  for (const bool want_preferred : {true, false}) {
    for (const addrinfo* where = resolved->get(); where != nullptr; where = where->ai_next) {
      // Another family is a way out where one is missing, not where the port is taken.
      const bool worth_trying = error == EADDRNOTAVAIL || error == EAFNOSUPPORT;
      if (fd < 0 && worth_trying && (where->ai_family == preferred) == want_preferred) {
        fd = TryListen(*where);
        error = errno;
      }
    }
  }
  if (fd < 0) {
    return Unavailable(context + ": " + ErrorText(error));
  }
  sockaddr_storage bound = {};
  socklen_t size = sizeof bound;
  getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size);
  return Listener(fd, Describe(bound).second);
}

Listener::Listener(Listener&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), port_(other.port_) {}

Listener& Listener::operator=(Listener&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(port_, other.port_);
  return *this;
}

Listener::~Listener() {
  if (fd_ >= 0) {
    close(fd_);
  }
}

Result<AcceptedSocket> Listener::TryAccept() {
  while (true) {
    sockaddr_storage peer = {};
    socklen_t size = sizeof peer;
    const int fd =
        accept4(fd_, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      const auto [host, port] = Describe(peer);
      return AcceptedSocket{fd, peer.ss_family == AF_INET6, HostAndPort(host, port)};
    }
    switch (errno) {
      case EAGAIN:
        return AcceptedSocket{};
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM:
        return ResourceExhausted("accept: " + ErrorText(errno));
      case EBADF:
      case EINVAL:
      case ENOTSOCK:
        return Internal("accept: " + ErrorText(errno));
      default:
        break;  // The connection died in the queue, or a signal came: take the next.
    }
  }
}

}  // namespace skald::net
