#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "common/duration.h"
#include "common/limits.h"
#include "common/status.h"
#include "model/ids.h"
#include "model/push_batch.h"
#include "patterns/pattern_store.h"

namespace skald::patterns {

// Writes the counts of patterns of tenants with `pattern_persistence_enabled` down as entries of
// streams {__pattern__="<service_name>"} (pattern_entry.h), so that they are known when memory has
// forgotten them, and after a restart. Patterns with fewer lines than `pattern_rate_threshold` are
// left out.
//
// Order:     Stop is idempotent; the destructor calls it.
// Ownership: borrows store and limits, which must outlive it.
// Threads:   any thread may call; `write` is called by the writer's own and by Stop's.
class PatternWriter {
 public:
  struct Options {
    Nanoseconds push_period = std::chrono::minutes(1);
  };
  // Stores a batch whose streams have their labels. An error that says that it may work later
  // (kUnavailable, kResourceExhausted) has the same batch come again.
  using Write = std::function<Status(const model::TenantId& tenant, model::PushBatch batch)>;

  PatternWriter(const Options& options, PatternStore& store, const LimitsSource& limits,
                Write write);
  ~PatternWriter();
  PatternWriter(const PatternWriter&) = delete;
  PatternWriter& operator=(const PatternWriter&) = delete;

  // Writes what was counted so far, now.
  void Flush();

  // Writes the rest.
  void Stop();

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace skald::patterns
