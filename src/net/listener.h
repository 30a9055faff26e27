#pragma once

#include <cstdint>
#include <string>

#include "common/status.h"

namespace skald::net {

// One accepted connection: a socket that does not block, with TCP_NODELAY, which the holder must
// close.
struct AcceptedSocket {
  int fd = -1;  // -1: nobody is waiting.
  bool is_ipv6 = false;
  std::string remote_address;  // "10.0.0.7:51234", "[2001:db8::1]:51234".
};

// A listening TCP socket.
//
// Threads: not synchronised.
class Listener {
 public:
  // Listens on `address` (a name, an IPv4 or IPv6 address; empty: every interface, both families)
  // and `port` (0: a free one). kInvalidArgument if the address is unknown, kUnavailable if the
  // port cannot be had; messages begin "listen on <address>:<port>: ".
  static Result<Listener> Open(const std::string& address, uint16_t port);

  Listener(Listener&& other) noexcept;
  Listener& operator=(Listener&& other) noexcept;
  ~Listener();

  // The next connection, or one without a socket when none waits. kResourceExhausted when the
  // process is out of file descriptors or memory: wait a moment, then try again.
  Result<AcceptedSocket> TryAccept();

  int fd() const { return fd_; }
  uint16_t port() const { return port_; }

 private:
  Listener(int fd, uint16_t port) : fd_(fd), port_(port) {}

  int fd_ = -1;
  uint16_t port_ = 0;
};

}  // namespace skald::net
