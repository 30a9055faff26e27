#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/duration.h"
#include "common/limits.h"

namespace skald::querier {

// The query that a client is about, of which this request is a part.
struct WholeQuery {
  std::string text;  // Empty: not said.
  int64_t start_ns = 0;
  int64_t end_ns = 0;
};

// Limits that a request sets itself. They can only tighten the tenant's; zero says nothing.
struct RequestLimits {
  Nanoseconds max_query_length{0};
  Nanoseconds max_query_range{0};
  Nanoseconds max_query_lookback{0};
  Nanoseconds query_timeout{0};
  int max_entries_limit_per_query = 0;
  uint64_t max_query_bytes_read = 0;
  std::vector<std::string> required_labels;
  int minimum_labels_number = 0;
  bool bounded_shards = false;  // tsdb_sharding_strategy.
  WholeQuery whole;             // max_query_bytes_read counts for this one as well.
};

// The limits of a query over several tenants: of each limit the smallest value that is set, and
// what any of them requires. One tenant's own limits otherwise. Requires: not empty.
std::shared_ptr<const Limits> StrictestOf(std::span<const std::shared_ptr<const Limits>> all);

// The tenant's limits as far as the request leaves them.
std::shared_ptr<const Limits> Tighten(const Limits& limits, const RequestLimits& request);

}  // namespace skald::querier
