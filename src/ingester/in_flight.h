#pragma once

#include <cstddef>
#include <memory>

#include "common/mutex.h"

namespace skald::ingester {

// Counts work under way, so that whoever stops can wait for it.
//
// Order:     after Close, Enter hands out nothing.
// Ownership: must outlive the tokens; WaitUntilIdle sees to that.
// Threads:   any thread may call.
class InFlight {
 public:
  // Held while the work goes on. Copyable, as tasks are.
  using Token = std::shared_ptr<void>;

  // Null after Close.
  Token Enter() {
    MutexLock lock(mutex_);
    if (closed_) return nullptr;
    ++count_;
    return Token(this, [](void* self) { static_cast<InFlight*>(self)->Leave(); });
  }

  void Close() {
    MutexLock lock(mutex_);
    closed_ = true;
  }

  void WaitUntilIdle() {
    MutexLock lock(mutex_);
    while (count_ > 0) idle_.Wait(mutex_);
  }

 private:
  void Leave() {
    MutexLock lock(mutex_);
    if (--count_ == 0) idle_.NotifyAll();
  }

  Mutex mutex_;
  CondVar idle_;
  size_t count_ SKALD_GUARDED_BY(mutex_) = 0;
  bool closed_ SKALD_GUARDED_BY(mutex_) = false;
};

}  // namespace skald::ingester
