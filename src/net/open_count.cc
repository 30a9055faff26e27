#include "net/open_count.h"

namespace skald::net {

void OpenCount::Add() {
  MutexLock lock(mutex_);
  ++count_;
}

void OpenCount::Remove() {
  MutexLock lock(mutex_);
  if (--count_ == 0) {
    none_.NotifyAll();
  }
}

size_t OpenCount::value() const {
  MutexLock lock(mutex_);
  return count_;
}

bool OpenCount::WaitForNone(std::chrono::nanoseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  MutexLock lock(mutex_);
  while (count_ != 0) {
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= std::chrono::nanoseconds::zero()) {
      return false;
    }
    none_.WaitFor(mutex_, left);
  }
  return true;
}

}  // namespace skald::net
