#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "chunkstore/compact/compaction_job.h"
#include "chunkstore/compact/erasure_search.h"
#include "chunkstore/compact/pack_remover.h"
#include "chunkstore/store_parts.h"
#include "common/clock.h"
#include "common/executor.h"
#include "common/hash.h"
#include "common/status.h"
#include "deletes/request_store.h"

namespace skald::deletes {

// Makes what is due true on disk: entries that requests mean are written away from packs, and from
// the log. A request is processed when a look at the store finds nothing of it any more, and no
// file is left that had something of it. So what a crash interrupts is done again, and nothing but
// the look has to be right.
//
// Order:     RunRound, again and again, never while packs are compacted.
// Ownership: borrows its Parts.
// Threads:   one caller at a time.
// Cost:      nothing when no request is due. Else a flush of all memory, what a query for the
//            request costs, and the packs that hold something of it written anew; then flush and
//            look again.
class Eraser {
 public:
  struct Parts {
    RequestStore& requests;
    chunkstore::StoreParts store;
    chunkstore::PackRemover& remover;
    // Makes all that was pushed before stored, and in no file of a log.
    std::function<Status()> flush_off_log;
    const Clock& clock;
  };

  // `job` says how packs are written.
  Eraser(const chunkstore::CompactionJobOptions& job, const Parts& parts);
  Eraser(const Eraser&) = delete;
  Eraser& operator=(const Eraser&) = delete;

  // Works on what is due until it is done, or for a while. What has failed is logged, counted and
  // tried again in a later round. The first error.
  Status RunRound(const CancelToken& cancel);

 private:
  // A request of which something is unreadable, and when it is looked at again.
  struct Waiting {
    int64_t until_ns = 0;  // Monotonic.
    int64_t wait_ns = 0;   // Doubled each time.
  };

  std::vector<DeleteRequest> TakeUp();
  // Whether to begin another pass at once.
  Result<bool> RunPass(const std::vector<DeleteRequest>& due, const CancelToken& cancel);
  // For entries that the request means, and for those that tell of patterns of such.
  Result<chunkstore::ErasableFound> Look(const DeleteRequest& request, const CancelToken& cancel);
  Status MarkProgress(const DeleteRequest& request, int64_t none_before_ns);
  Status Rewrite(std::set<std::string> packs, const CancelToken& cancel);
  Status RunJob(const std::vector<chunkstore::ObjectEntry>& packs, const CancelToken& cancel);
  void Postpone(const DeleteRequest& request);

  const Parts parts_;
  const chunkstore::CompactionJobOptions job_;
  std::set<std::string> unreadable_;  // Packs that stay as they are in this round.
  StringMap<Waiting> waiting_;        // By tenant and id.
};

}  // namespace skald::deletes
