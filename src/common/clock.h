#pragma once

#include <chrono>
#include <cstdint>

namespace skald {

// Where the time comes from, so that tests can set it.
//
// Threads: any thread may call.
class Clock {
 public:
  virtual ~Clock() = default;

  // Nanoseconds since the Unix epoch. May jump.
  virtual int64_t NowNs() const = 0;
  // Nanoseconds from an arbitrary start. Never goes back.
  virtual int64_t MonotonicNs() const = 0;
};

// The machine's clock: the one caller of the system's.
class SystemClock final : public Clock {
 public:
  int64_t NowNs() const override {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
  int64_t MonotonicNs() const override {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }
};

}  // namespace skald
