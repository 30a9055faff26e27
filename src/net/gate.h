#pragma once

#include <functional>

#include "net/http_types.h"

namespace skald::net {

// Says when a route's requests are handled, where that is not at once.
//
// Ownership: must outlive the server.
// Threads:   any thread calls, I/O threads among them: nothing here may block.
class Gate {
 public:
  virtual ~Gate() = default;

  // Takes `handle`, which blocks and is to be called once, on a thread of the gate's choice; or
  // returns false. `request` is there until that call; the gate may change it before.
  virtual bool Admit(Request& request, std::function<void()> handle) = 0;

  // The answer to one that was not admitted.
  virtual Response Refusal(const Request& request) = 0;
};

}  // namespace skald::net
