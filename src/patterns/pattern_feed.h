#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "common/clock.h"
#include "common/duration.h"
#include "model/ids.h"
#include "model/push_batch.h"
#include "patterns/pattern_store.h"

namespace skald::patterns {

// Feeds a store with what was pushed, on a thread of its own: the push does not wait for it. What
// it may use of a core and of memory is bounded. Where more lines come than its budget allows, or
// with a backlog, it looks at one line of two, four ... and counts it for the others; with a full
// queue, whole pushes are left out and counted in loki_pattern_ingester_dropped_lines_total.
//
// Order:     Offer after Stop drops the batch. Stop is idempotent; the destructor calls it.
// Ownership: borrows store and clock, which must outlive it.
// Threads:   any thread may call. Offer never blocks for longer than a queue's mutex.
class PatternFeed {
 public:
  struct Options {
    size_t queue_bytes = 16 << 20;       // Of pushes that wait.
    double cpu_share = 0.25;             // Of one core, above 0.
    uint64_t lines_per_second = 10'000;  // That are looked at.
    Nanoseconds sweep_period = std::chrono::minutes(1);
  };

  PatternFeed(const Options& options, PatternStore& store, const Clock& clock);
  ~PatternFeed();
  PatternFeed(const PatternFeed&) = delete;
  PatternFeed& operator=(const PatternFeed&) = delete;

  // Takes the entries of a push, whose streams have their labels and fingerprints.
  void Offer(const model::TenantId& tenant, model::PushBatch batch);

  // Drops what waits.
  void Stop();

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace skald::patterns
