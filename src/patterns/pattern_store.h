#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/clock.h"
#include "common/duration.h"
#include "common/limits.h"
#include "model/entry_filter.h"
#include "model/ids.h"
#include "model/matcher.h"
#include "model/push_batch.h"
#include "patterns/deleted_lines.h"
#include "patterns/drain.h"
#include "patterns/held_patterns.h"
#include "patterns/unwritten_queue.h"

namespace skald::patterns {

// The patterns of the last hours' entries, by tenant and stream, in memory alone: a new process
// begins with none. For tenants with `pattern_persistence_enabled` it keeps what is to be written
// down until that is done, whatever becomes of the patterns.
//
// Entries that nobody is to see (`hidden`) are not counted. Those that were, before they were to be
// hidden, are forgotten by Forget.
//
// Ownership: borrows limits, clock and `hidden`.
// Threads:   any thread may call; one mutex, held for a few hundred lines at a time.
// Cost:      `memory_bytes` at most; above it, the streams fed longest ago go.
class PatternStore {
 public:
  struct Options {
    Drain::Options drain;  // Of each level of each stream.
    size_t memory_bytes = 64 << 20;
    // Entries older than this are not counted, and counts are forgotten at this age.
    Nanoseconds keep = std::chrono::hours(3);
    uint64_t min_total = 30;    // Patterns with fewer lines in the time asked for are not told of.
    size_t max_patterns = 300;  // In an answer.
  };

  // `hidden` may be null.
  PatternStore(const Options& options, const LimitsSource& limits, const Clock& clock,
               const model::EntryFilterSource* hidden = nullptr);
  ~PatternStore();
  PatternStore(const PatternStore&) = delete;
  PatternStore& operator=(const PatternStore&) = delete;

  // Counts the entries of the batch's streams, whose labels and fingerprints must be set. Looks at
  // one entry of `stride` and counts it for all. Entries from more than an hour ahead, and streams
  // that the system writes itself, are passed over.
  void Add(const model::TenantId& tenant, const model::PushBatch& batch, uint32_t stride = 1);

  // The patterns of the tenant's streams; times are rounded down to multiples of `step_ns`.
  HeldPatterns Select(const model::TenantId& tenant, const model::Matchers& matchers,
                      model::TimeRange range, int64_t step_ns) const;

  // Forgets what is too old.
  void Sweep();

  // Forgets what `deleted` may have a part in, also of what is to be written down: counts of whole
  // steps, and patterns that have no others. When it returns none of that is told of, nor taken to
  // be written. Requires: `hidden` hides the lines by now.
  void Forget(const model::TenantId& tenant, const DeletedLines& deleted);

  // The tenants with something to be written down.
  std::vector<model::TenantId> Unwritten() const;
  // What that is, null for nothing: the same batch until it is done, then what came since.
  std::shared_ptr<const UnwrittenBatch> TakeUnwritten(const model::TenantId& tenant);
  void SetWritten(const model::TenantId& tenant);

  const Options& options() const;
  size_t memory_bytes() const;

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace skald::patterns
