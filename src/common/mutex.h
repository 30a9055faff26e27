#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

// Thread-safety annotations, checked by clang (-Wthread-safety); nothing elsewhere.
#if defined(__clang__)
#define SKALD_ANNOTATION_(x) __attribute__((x))
#else
#define SKALD_ANNOTATION_(x)
#endif
#define SKALD_CAPABILITY(x) SKALD_ANNOTATION_(capability(x))
#define SKALD_SCOPED_CAPABILITY SKALD_ANNOTATION_(scoped_lockable)
#define SKALD_GUARDED_BY(x) SKALD_ANNOTATION_(guarded_by(x))
#define SKALD_REQUIRES(...) SKALD_ANNOTATION_(requires_capability(__VA_ARGS__))
#define SKALD_EXCLUDES(...) SKALD_ANNOTATION_(locks_excluded(__VA_ARGS__))
#define SKALD_ACQUIRE(...) SKALD_ANNOTATION_(acquire_capability(__VA_ARGS__))
#define SKALD_RELEASE(...) SKALD_ANNOTATION_(release_capability(__VA_ARGS__))
#define SKALD_NO_THREAD_SAFETY_ANALYSIS SKALD_ANNOTATION_(no_thread_safety_analysis)

namespace skald {

// std::mutex with the annotations that libstdc++ leaves out.
class SKALD_CAPABILITY("mutex") Mutex {
 public:
  void Lock() SKALD_ACQUIRE() { mutex_.lock(); }
  void Unlock() SKALD_RELEASE() { mutex_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

// Holds a Mutex for a scope.
class SKALD_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) SKALD_ACQUIRE(mutex) : mutex_(mutex) { mutex_.Lock(); }
  ~MutexLock() SKALD_RELEASE() { mutex_.Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// A condition waited for under a Mutex. Wake-ups may be spurious: wait in a loop.
class CondVar {
 public:
  void Wait(Mutex& mutex) SKALD_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    cv_.wait(lock);
    lock.release();
  }

  // Returns false when `timeout` passed before a notification.
  bool WaitFor(Mutex& mutex, std::chrono::nanoseconds timeout) SKALD_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    const bool notified = cv_.wait_for(lock, timeout) == std::cv_status::no_timeout;
    lock.release();
    return notified;
  }

  void NotifyOne() { cv_.notify_one(); }
  void NotifyAll() { cv_.notify_all(); }

 private:
  std::condition_variable cv_;
};

}  // namespace skald
