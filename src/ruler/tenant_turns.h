#pragma once

#include <functional>
#include <string>

#include "common/executor.h"
#include "common/mutex.h"
#include "common/turn_queue.h"

namespace skald::ruler {

// Runs tasks of tenants on the threads of an executor. Tenants that wait take turns, so that none
// waits longer than for one task of each other.
//
// Ownership: borrows `threads`, which must have stopped, or run all that was submitted, before this
//            ends. Tasks not begun when it stops are dropped.
// Threads:   any thread may call, tasks included.
class TenantTurns {
 public:
  explicit TenantTurns(Executor& threads) : threads_(threads) {}
  TenantTurns(const TenantTurns&) = delete;
  TenantTurns& operator=(const TenantTurns&) = delete;

  // Behind the tenant's other tasks.
  void Submit(const std::string& tenant, std::function<void()> task) SKALD_EXCLUDES(mutex_);
  // Before them: the rest of a task that lets others have their turns in between.
  void Continue(const std::string& tenant, std::function<void()> task) SKALD_EXCLUDES(mutex_);

 private:
  void RunNext() SKALD_EXCLUDES(mutex_);

  Executor& threads_;
  Mutex mutex_;
  TurnQueue<std::function<void()>> waiting_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald::ruler
