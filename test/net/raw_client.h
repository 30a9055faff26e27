#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_types.h"

namespace skald::net {

// A client that sends whatever bytes it is told to.
//
// Threads: not synchronised.
class RawClient {
 public:
  explicit RawClient(uint16_t port);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // False when the server has cut the connection.
  bool Send(std::string_view bytes);
  void EndSending();
  // Closes so that the server gets a reset.
  void Reset();

  // The next answer; nothing when the connection ends before it is complete. The answer to a
  // HEAD request has no body whatever its fields say.
  std::optional<Response> Read(bool is_head = false);
  // All that comes until the server closes.
  std::string ReadToEnd();
  // Send and Read.
  std::optional<Response> Ask(std::string_view request);

 private:
  bool Fill();  // Reads more into received_; false at the end.

  int fd_;
  std::string received_;
};

}  // namespace skald::net
