#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "api/tenant_auth.h"
#include "common/clock.h"
#include "common/executor.h"
#include "common/mutex.h"
#include "common/turn_queue.h"
#include "net/gate.h"

namespace skald::api {

// Lets a few queries run at once and has the others wait: each runs on all cores, so that more at a
// time would end no sooner, and would hold their series and samples all at once. Tenants that wait
// take turns, so that one who asks a thousand questions delays himself.
//
// Ownership: borrows its Deps; `threads` must have stopped before it ends.
// Threads:   any thread may call.
// Errors:    429 `too many outstanding requests` to a tenant that has `max_waiting` already.
class QueryQueue : public net::Gate {
 public:
  struct Options {
    size_t max_running = 4;
    size_t max_waiting = 2048;  // Of a tenant; 0: no bound.
  };
  struct Deps {
    const TenantAuth& auth;
    Executor& threads;  // Where queries run: max_running of its threads at most.
    const Clock& clock;
  };

  QueryQueue(const Options& options, const Deps& deps);

  // Writes into `request` how long it has waited, before it is handled.
  bool Admit(net::Request& request, std::function<void()> handle) override SKALD_EXCLUDES(mutex_);
  net::Response Refusal(const net::Request& request) override;

 private:
  struct Waiting {
    net::Request* request;
    std::function<void()> handle;
    int64_t since_ns;
  };

  std::string OwnerOf(const net::Request& request) const;
  // Runs what has its turn, one after the other, until nothing waits.
  void Work() SKALD_EXCLUDES(mutex_);
  // False when nothing waits: the caller's place is free again.
  bool Next(Waiting& next) SKALD_EXCLUDES(mutex_);

  const Options options_;
  const Deps deps_;

  Mutex mutex_;
  size_t running_ SKALD_GUARDED_BY(mutex_) = 0;
  TurnQueue<Waiting> waiting_ SKALD_GUARDED_BY(mutex_);  // By tenant.
};

}  // namespace skald::api
