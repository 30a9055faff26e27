#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/ids.h"
#include "querier/effective_limits.h"
#include "querier/query_tags.h"

namespace skald::querier {

// A query as it came, its parameters checked for form and completed. Times in nanoseconds.
struct QueryRequest {
  std::vector<model::TenantId> tenants;  // Sorted and unique; at least one.
  std::string text;
  bool instant = false;  // Evaluated at end_ns.
  int64_t start_ns = 0;
  int64_t end_ns = 0;
  bool has_time_range = false;  // Whether the client said since when.
  int64_t step_ns = 0;
  int64_t interval_ns = 0;
  uint32_t limit = 100;
  model::Direction direction = model::Direction::kBackward;
  bool categorize_labels = false;
  bool parsed_beside = false;               // As logql::Query has it.
  std::vector<std::string> encoding_flags;  // Echoed in answers with streams.
  QueryTags tags;
  std::string user_agent;
  std::string trace_id;                    // That log lines show; empty: none is known.
  bool disable_pipeline_wrappers = false;  // As log lines show it: nothing wraps pipelines here.
  std::chrono::nanoseconds queue_time{0};  // That it waited before it was run.
  std::optional<RequestLimits> limits;     // That the request itself has set.
};

}  // namespace skald::querier
