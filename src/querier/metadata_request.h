#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "common/clock.h"
#include "common/executor.h"
#include "common/limits.h"
#include "common/status.h"
#include "model/ids.h"
#include "querier/effective_limits.h"

namespace skald::querier {

// Whose metadata is asked for, and of which time: streams with entries in [start_ns, end_ns].
struct MetadataRequest {
  std::vector<model::TenantId> tenants;  // Sorted and unique; at least one.
  int64_t start_ns = 0;
  int64_t end_ns = 0;
  std::optional<RequestLimits> limits;  // That the request itself has set.
  CancelToken cancel;
  bool internal_streams = false;  // Whether the system's own are told of (query_tags.h).
};

// The limits that hold for a request, and what is left of its time by them; empty if nothing is.
struct AdmittedMetadata {
  std::shared_ptr<const Limits> limits;
  model::TimeRange range;
  CancelToken cancel;  // The request's; within the time that queries may take.
};

// The same for requests that may be of any length.
AdmittedMetadata AdmitAnyLength(const MetadataRequest& request, const LimitsSource& limits,
                                const Clock& clock);

// kResourceExhausted with the text for the client if the request is over a limit.
Result<AdmittedMetadata> Admit(const MetadataRequest& request, const LimitsSource& limits,
                               const Clock& clock);

}  // namespace skald::querier
