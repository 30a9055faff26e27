#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <string>

#include "common/executor.h"
#include "common/hash.h"
#include "common/limits.h"
#include "common/mutex.h"
#include "querier/tail.h"

namespace skald::querier {

// The live tails of all clients: counts them for their tenants, and ends what lives too long.
//
// Order:     Read before each Start, then Stop, which the destructor calls. Executors must still
//            run in Stop.
// Ownership: borrows limits and what parts name.
// Threads:   any thread may call. `mutex_` guards the list; it is held over no call of a tail.
// Cost:      one thread, that looks for what is due.
class Tails {
 public:
  struct Options {
    std::chrono::nanoseconds max_duration = std::chrono::hours(1);
    std::chrono::nanoseconds tick = std::chrono::milliseconds(100);
  };

  Tails(const Options& options, const TailParts& parts, const LimitsSource& limits);
  ~Tails();
  Tails(const Tails&) = delete;
  Tails& operator=(const Tails&) = delete;

  // Reads the query's text into `tail.expr`. kInvalidArgument if it is no query of the tenant's
  // language, or a log query of which a stage is wrong or needs an end of all entries. Whatever
  // else cannot be tailed is told to the client by Start.
  Status Read(TailOptions& tail) const;
  // Begins to send to the client, who is told if there are too many already. Never null.
  std::shared_ptr<Tail> Start(TailOptions tail, std::shared_ptr<TailClient> client);

  // Ends all tails without a word to their clients, who have gone by now, and waits until none is
  // left.
  void Stop();

 private:
  using TailList = std::list<std::shared_ptr<Tail>>;

  // Counts one more; kResourceExhausted if that is too many.
  Status Admit(const std::string& tenant) SKALD_REQUIRES(mutex_);
  void Forget(const std::string& tenant, TailList::iterator place);
  void Tick();
  std::vector<std::shared_ptr<Tail>> All();

  const Options options_;
  const TailParts parts_;
  const LimitsSource& limits_;
  Mutex mutex_;
  CondVar none_left_;
  TailList tails_ SKALD_GUARDED_BY(mutex_);
  StringMap<int> of_tenant_ SKALD_GUARDED_BY(mutex_);
  PeriodicTask ticks_;
};

}  // namespace skald::querier
