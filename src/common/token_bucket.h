#pragma once

#include <algorithm>
#include <cstdint>

#include "common/clock.h"
#include "common/mutex.h"

namespace skald {

// What a token bucket holds, without its settings, clock and lock: 16 bytes, for those who keep a
// million of them. Full when first asked.
//
// Threads: guarded by whoever keeps it.
class TokenLevel {
 public:
  // As TokenBucket::TryTake, by the settings of this call; tokens above `burst` are lost.
  bool TryTake(double count, double rate, double burst, int64_t now_ns) {
    const double saved = rate * static_cast<double>(now_ns - last_ns_) * 1e-9;
    tokens_ = fresh() ? burst : std::min(burst, tokens_ + saved);
    last_ns_ = now_ns;
    if (count > tokens_) return false;
    tokens_ -= count;
    return true;
  }

 private:
  bool fresh() const { return tokens_ < 0; }

  double tokens_ = -1;
  int64_t last_ns_ = 0;
};

// Admits `rate` units a second on average and up to `burst` at once.
//
// Ownership: borrows `clock`.
// Threads:   any thread may call.
class TokenBucket {
 public:
  TokenBucket(double rate, double burst, const Clock& clock)
      : clock_(clock), rate_(rate), burst_(burst), tokens_(burst), last_ns_(clock.MonotonicNs()) {}

  // Takes `count` tokens and returns true, or takes none and returns false.
  bool TryTake(double count) {
    MutexLock lock(mutex_);
    Refill();
    if (count > tokens_) return false;
    tokens_ -= count;
    return true;
  }

  // Gives back tokens that were taken and not used.
  void Return(double count) {
    MutexLock lock(mutex_);
    tokens_ = std::min(burst_, tokens_ + count);
  }

  // New settings; tokens above the new burst are lost.
  void Reset(double rate, double burst) {
    MutexLock lock(mutex_);
    Refill();
    rate_ = rate;
    burst_ = burst;
    tokens_ = std::min(tokens_, burst_);
  }

 private:
  void Refill() SKALD_REQUIRES(mutex_) {
    const int64_t now = clock_.MonotonicNs();
    tokens_ = std::min(burst_, tokens_ + rate_ * static_cast<double>(now - last_ns_) * 1e-9);
    last_ns_ = now;
  }

  const Clock& clock_;
  Mutex mutex_;
  double rate_ SKALD_GUARDED_BY(mutex_);
  double burst_ SKALD_GUARDED_BY(mutex_);
  double tokens_ SKALD_GUARDED_BY(mutex_);
  int64_t last_ns_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald
