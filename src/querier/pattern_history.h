#pragma once

#include <cstdint>
#include <vector>

#include "common/memory_budget.h"
#include "common/status.h"
#include "logql/log_source.h"
#include "model/ids.h"
#include "model/matcher.h"
#include "patterns/pattern_series.h"
#include "patterns/unwritten_counts.h"

namespace skald::querier {

// Reads what patterns::PatternWriter has written down.
//
// Ownership: borrows `source`.
// Threads:   any thread may call.
class PatternHistory {
 public:
  struct Question {
    model::TenantId tenant;
    model::Matchers matchers;
    model::TimeRange range;
    int64_t step_ns = 0;        // Times are rounded down to its multiples.
    int64_t entry_seconds = 0;  // What an entry tells of begins with its time and is no longer.
  };

  explicit PatternHistory(logql::LogSource& source) : source_(source) {}

  // The patterns of the streams that match, but for the counts that `held` has; equal ones may come
  // twice. A pattern that became more general with time is told of as it was last. Lines that are
  // no such entries are passed over. What is kept is taken of `memory`, whose error ends it.
  Result<std::vector<patterns::PatternSeries>> Read(const Question& question,
                                                    const patterns::HeldCounts& held,
                                                    MemoryBudget& memory,
                                                    model::ScanContext& context) const;

 private:
  logql::LogSource& source_;
};

}  // namespace skald::querier
