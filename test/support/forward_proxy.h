#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "common/mutex.h"

namespace skald::test {

// A proxy for HTTP. `CONNECT` opens a way to one port of this machine, whatever host it names; all
// else is answered here with 204.
//
// Threads: any thread may call.
class ForwardProxy {
 public:
  explicit ForwardProxy(uint16_t tunnel_port = 0);
  ~ForwardProxy();
  ForwardProxy(const ForwardProxy&) = delete;
  ForwardProxy& operator=(const ForwardProxy&) = delete;

  // "127.0.0.1:PORT".
  std::string address() const;

  // Request line and fields of each request, as they came.
  std::vector<std::string> heads() const;
  // What a client has sent first through each tunnel: of TLS, its ClientHello.
  std::vector<std::string> openings() const;

 private:
  void Accept();
  void Serve(int client);
  void Tunnel(int client);

  const uint16_t tunnel_port_;
  int listener_;
  uint16_t port_ = 0;
  std::atomic<bool> stopping_ = false;
  mutable Mutex mutex_;
  std::vector<std::string> heads_ SKALD_GUARDED_BY(mutex_);
  std::vector<std::string> openings_ SKALD_GUARDED_BY(mutex_);
  std::vector<std::thread> connections_;  // Of the accepting thread, until it is joined.
  std::thread acceptor_;
};

}  // namespace skald::test
