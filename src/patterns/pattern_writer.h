#pragma once

#include <chrono>
#include <memory>

#include "common/duration.h"
#include "common/limits.h"
#include "model/ids.h"
#include "patterns/internal_entries.h"
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
  // After an error of `write` that says that it may work later (kUnavailable, kResourceExhausted)
  // the same batch comes again.
  PatternWriter(const Options& options, PatternStore& store, const LimitsSource& limits,
                WriteEntries write);
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
