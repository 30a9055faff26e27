#include "querier/effective_limits.h"

#include <algorithm>

namespace skald::querier {
namespace {

// Of limits_config.tsdb_sharding_strategy.
constexpr const char* kBounded = "bounded";

template <typename T>
void TakeSmallerSet(T& value, T other) {
  if (other > T{} && (value <= T{} || other < value)) {
    value = other;
  }
}

void AddNames(std::vector<std::string>& names, const std::vector<std::string>& more) {
  for (const std::string& name : more) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(name);
    }
  }
}

// Leaves the names that are among `allowed` as well.
void KeepNames(std::vector<std::string>& names, const std::vector<std::string>& allowed) {
  std::erase_if(names, [&](const std::string& name) {
    return std::find(allowed.begin(), allowed.end(), name) == allowed.end();
  });
}

}  // namespace

std::shared_ptr<const Limits> StrictestOf(std::span<const std::shared_ptr<const Limits>> all) {
  if (all.size() == 1) {
    return all.front();
  }
  auto strictest = std::make_shared<Limits>(*all.front());
  Limits& s = *strictest;
  for (const auto& other : all.subspan(1)) {
    const Limits& o = *other;
    TakeSmallerSet(s.max_query_series, o.max_query_series);
    TakeSmallerSet(s.max_query_lookback, o.max_query_lookback);
    TakeSmallerSet(s.max_query_length, o.max_query_length);
    TakeSmallerSet(s.max_query_range, o.max_query_range);
    s.max_query_parallelism = std::min(s.max_query_parallelism, o.max_query_parallelism);
    TakeSmallerSet(s.max_streams_matchers_per_query, o.max_streams_matchers_per_query);
    TakeSmallerSet(s.max_entries_limit_per_query, o.max_entries_limit_per_query);
    TakeSmallerSet(s.query_timeout, o.query_timeout);
    TakeSmallerSet(s.split_queries_by_interval, o.split_queries_by_interval);
    TakeSmallerSet(s.max_query_bytes_read, o.max_query_bytes_read);
    TakeSmallerSet(s.max_querier_bytes_read, o.max_querier_bytes_read);
    TakeSmallerSet(s.tsdb_max_bytes_per_shard, o.tsdb_max_bytes_per_shard);
    // It makes fewer shards, of which each reads more.
    if (o.tsdb_sharding_strategy == kBounded) s.tsdb_sharding_strategy = kBounded;
    TakeSmallerSet(s.volume_max_series, o.volume_max_series);
    s.minimum_labels_number = std::max(s.minimum_labels_number, o.minimum_labels_number);
    s.logql_extensions = s.logql_extensions && o.logql_extensions;
    TakeSmallerSet(s.max_query_held_bytes, o.max_query_held_bytes);
    AddNames(s.required_labels, o.required_labels);
    KeepNames(s.shard_aggregations, o.shard_aggregations);
  }
  return strictest;
}

std::shared_ptr<const Limits> Tighten(const Limits& limits, const RequestLimits& request) {
  auto tight = std::make_shared<Limits>(limits);
  TakeSmallerSet(tight->max_query_length, request.max_query_length);
  TakeSmallerSet(tight->max_query_range, request.max_query_range);
  TakeSmallerSet(tight->max_query_lookback, request.max_query_lookback);
  TakeSmallerSet(tight->query_timeout, request.query_timeout);
  TakeSmallerSet(tight->max_entries_limit_per_query, request.max_entries_limit_per_query);
  TakeSmallerSet(tight->max_query_bytes_read, request.max_query_bytes_read);
  tight->minimum_labels_number =
      std::max(tight->minimum_labels_number, request.minimum_labels_number);
  AddNames(tight->required_labels, request.required_labels);
  if (request.bounded_shards) tight->tsdb_sharding_strategy = "bounded";
  return tight;
}

}  // namespace skald::querier
