#pragma once

#include <cstdint>
#include <vector>

#include "common/clock.h"
#include "common/limits.h"
#include "common/status.h"
#include "model/matcher.h"
#include "patterns/pattern_store.h"
#include "querier/metadata_request.h"

namespace skald::querier {

// Answers which patterns the lines of streams have, and how often they occurred.
//
// Ownership: borrows what it is given.
// Threads:   any thread may call.
class PatternQuery {
 public:
  // `store` is null where no patterns are kept.
  PatternQuery(const patterns::PatternStore* store, const LimitsSource& limits, const Clock& clock)
      : store_(store), limits_(limits), clock_(clock) {}

  bool enabled() const { return store_ != nullptr; }

  // kInvalidArgument if the labels of the selector do not do, whether or not patterns are kept.
  Status CheckLabels(const MetadataRequest& request, const model::Matchers& matchers) const;

  // The patterns of all the request's tenants, those with most lines first; times are multiples of
  // `step_ns`. kInvalidArgument with the text for the client, for a limit. kFailedPrecondition if
  // a tenant may not query. Requires: enabled().
  Result<std::vector<patterns::PatternSeries>> Patterns(const MetadataRequest& request,
                                                        const model::Matchers& matchers,
                                                        int64_t step_ns) const;

 private:
  const patterns::PatternStore* store_;
  const LimitsSource& limits_;
  const Clock& clock_;
};

}  // namespace skald::querier
