#pragma once

#include <atomic>
#include <cstdint>

#include "common/clock.h"

namespace skald::test {

// A clock that moves when it is asked: it counts how often a deadline is looked at, and passes one
// at a chosen look.
//
// Threads: any thread may call.
class ExpiringClock final : public Clock {
 public:
  // From the `looks`th look on it is a year later.
  explicit ExpiringClock(int looks) : looks_(looks) {}

  int64_t NowNs() const override { return 0; }
  int64_t MonotonicNs() const override {
    return ++asked_ < looks_ ? 0 : int64_t{365} * 86'400 * 1'000'000'000;
  }
  int asked() const { return asked_; }

 private:
  const int looks_;
  mutable std::atomic<int> asked_ = 0;
};

}  // namespace skald::test
