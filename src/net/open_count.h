#pragma once

#include <chrono>
#include <cstddef>

#include "common/mutex.h"

namespace skald::net {

// How many connections are open; wakes who waits for the last to go.
//
// Threads: any thread may call.
class OpenCount {
 public:
  void Add();
  void Remove();
  size_t value() const;
  // Whether none is left, waiting up to `timeout` for that.
  bool WaitForNone(std::chrono::nanoseconds timeout);

 private:
  mutable Mutex mutex_;
  CondVar none_;
  size_t count_ SKALD_GUARDED_BY(mutex_) = 0;
};

}  // namespace skald::net
