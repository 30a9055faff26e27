#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "chunkstore/compact/compaction_job.h"
#include "chunkstore/compact/compaction_plan.h"
#include "chunkstore/compact/pack_remover.h"
#include "chunkstore/compact/retention.h"
#include "chunkstore/store_parts.h"
#include "common/clock.h"
#include "common/executor.h"
#include "common/hash.h"
#include "common/status.h"

namespace skald::chunkstore {

// Keeps a store small and in order, again and again: forgets what has outlived its retention, joins
// packs, and removes those that nobody reads any more.
//
// Order:     SetChore, Start, then Stop, which the destructor calls. RunRound may be called
//            instead of Start.
// Ownership: borrows all that it is given.
// Threads:   one round at a time, on a thread of its own; Stop from any thread.
// Cost:      one core while a round runs, and the memory of a pack and of the entries that a
//            StreamMerger gathers.
class Compactor {
 public:
  struct Options {
    std::chrono::nanoseconds interval = std::chrono::minutes(10);  // Between rounds; 0: none.
    CompactionPolicy policy;
    CompactionJobOptions job;
  };

  Compactor(const Options& options, const StoreParts& parts, const Retention& retention,
            PackRemover& remover, const Clock& clock);
  ~Compactor();
  Compactor(const Compactor&) = delete;
  Compactor& operator=(const Compactor&) = delete;

  // Makes each round begin with `chore`, which has packs for itself then. Before Start.
  void SetChore(std::function<Status(const CancelToken&)> chore) { chore_ = std::move(chore); }

  void Start();
  // Gives up the job under way, which leaves everything as it was.
  void Stop();

  // One round; what has failed is logged and counted, and tried again in the next. The first error.
  Status RunRound();

 private:
  Status ApplyRetentionNow();
  Status Compact();
  Status ForgetEmptySeries();
  Status RunJob(const std::vector<ObjectEntry>& packs);
  void LeaveAlone(const PackLeft& pack);
  bool IsLeftAlone(const std::string& pack) const;
  Result<std::vector<ObjectEntry>> PacksToLookAt() const;

  // A pack that could not be compacted whole, and when that is tried again.
  struct LeftAlone {
    int64_t until_ns = 0;  // Monotonic.
    int64_t wait_ns = 0;   // Doubled each time.
  };

  const Options options_;
  const StoreParts parts_;
  const Clock& clock_;
  const Retention& retention_;
  PackRemover& remover_;
  std::function<Status(const CancelToken&)> chore_;  // May be empty.
  CancelToken stopping_;
  // Used by the round alone.
  StringMap<LeftAlone> left_alone_;
  std::set<std::string> thinned_;  // Packs that retention has taken chunks from in this round.
  std::unique_ptr<PeriodicTask> task_;
};

}  // namespace skald::chunkstore
