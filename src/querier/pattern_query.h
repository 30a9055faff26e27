#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/clock.h"
#include "common/limits.h"
#include "common/status.h"
#include "model/matcher.h"
#include "patterns/pattern_store.h"
#include "querier/metadata_request.h"
#include "querier/pattern_history.h"

namespace skald::querier {

struct PatternAnswer {
  std::vector<patterns::PatternSeries> patterns;  // Those with most lines first.
  std::vector<std::string> warnings;              // Of what could not be read.
};

// Answers which patterns the lines of streams have, and how often they occurred: as memory has it,
// and for tenants with `pattern_persistence_enabled` as it was written down beside that.
//
// Ownership: borrows what it is given.
// Threads:   any thread may call.
class PatternQuery {
 public:
  // `store` is null where no patterns are kept. What was written down is read from `source`.
  PatternQuery(const patterns::PatternStore* store, logql::LogSource& source,
               const LimitsSource& limits, const Clock& clock)
      : store_(store), history_(source), limits_(limits), clock_(clock) {}

  bool enabled() const { return store_ != nullptr; }

  // kResourceExhausted if the labels of the selector do not do, whether or not patterns are kept.
  Status CheckLabels(const MetadataRequest& request, const model::Matchers& matchers) const;

  // The patterns of all the request's tenants; times are multiples of `step_ns`.
  // kResourceExhausted with the text for the client, for a limit. kFailedPrecondition if a tenant
  // may not query. Requires: enabled().
  Result<PatternAnswer> Patterns(const MetadataRequest& request, const model::Matchers& matchers,
                                 int64_t step_ns) const;

 private:
  const patterns::PatternStore* store_;
  PatternHistory history_;
  const LimitsSource& limits_;
  const Clock& clock_;
};

}  // namespace skald::querier
