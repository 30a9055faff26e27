#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "common/clock.h"

namespace skald::test {

// A clock that stands still until told otherwise.
//
// Threads: any thread may call.
class ManualClock final : public Clock {
 public:
  // In nanoseconds since the epoch; by default some day in November 2023.
  explicit ManualClock(int64_t now_ns = 1'700'000'000'000'000'000) : now_ns_(now_ns) {}

  int64_t NowNs() const override { return now_ns_; }
  int64_t MonotonicNs() const override { return monotonic_ns_; }

  // Sets the time of day; the monotonic time does not move.
  void Set(int64_t now_ns) { now_ns_ = now_ns; }
  // Moves both on.
  void Advance(std::chrono::nanoseconds by) {
    now_ns_ += by.count();
    monotonic_ns_ += by.count();
  }

 private:
  std::atomic<int64_t> now_ns_;
  std::atomic<int64_t> monotonic_ns_ = 0;
};

}  // namespace skald::test
