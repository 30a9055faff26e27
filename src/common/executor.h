#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/clock.h"
#include "common/status.h"
#include "common/thread_weight.h"

namespace skald {

// Tells work that its result is no longer wanted: someone cancelled, or its deadline has passed.
// Copies share one state.
//
// Threads: any thread may call.
class CancelToken {
 public:
  // Never cancelled by itself.
  CancelToken();
  // Expires `timeout` from now on `clock`, which must outlive all copies.
  static CancelToken WithTimeout(const Clock& clock, std::chrono::nanoseconds timeout);
  // A token that is cancelled whenever this one is, and expires by itself as WithTimeout's does.
  CancelToken Within(const Clock& clock, std::chrono::nanoseconds timeout) const;

  void Cancel();
  // Cheap enough to ask once a block.
  bool cancelled() const;
  // OK, kCancelled "the request was cancelled by the client", or kDeadlineExceeded.
  Status Check() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// A fixed pool of threads that runs tasks in the order they came.
//
// Order:     Stop is idempotent and is called by the destructor; tasks not begun by then are
//            dropped, tasks under way are waited for. Submit after Stop drops the task.
// Threads:   any thread may call, tasks included; only ParallelFor may be called from a task of
//            the same executor (its caller works too, so it cannot deadlock).
class Executor {
 public:
  // All threads have `weight`; who calls ParallelFor works with its own.
  Executor(std::string name, size_t threads, ThreadWeight weight = ThreadWeight::kRequests);
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  void Submit(std::function<void()> task);

  // Calls body(i) for every i in [0, count), on this executor's threads and the caller's, and
  // returns when all are done: OK, or the error of the lowest i that has one. Items above it that
  // were not begun are skipped. At most `max_parallel` run at once (0: as many as there are
  // threads).
  Status ParallelFor(size_t count, size_t max_parallel, const std::function<Status(size_t)>& body);

  void Stop();
  size_t threads() const;

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

// Calls a function again and again with a pause between, on a thread of its own.
//
// Order:   the destructor calls Stop; Stop waits for a call under way.
// Threads: Trigger and Stop from any thread but the task's own.
class PeriodicTask {
 public:
  PeriodicTask(std::string name, std::chrono::nanoseconds period, std::function<void()> task,
               ThreadWeight weight = ThreadWeight::kRequests);
  ~PeriodicTask();
  PeriodicTask(const PeriodicTask&) = delete;
  PeriodicTask& operator=(const PeriodicTask&) = delete;

  // Makes the next call come now.
  void Trigger();
  void Stop();

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace skald
