#include "app/limits_check.h"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>

#include "app/limits_shapes.h"
#include "common/duration.h"
#include "common/stream_limits.h"
#include "logql/parser.h"
#include "model/retention_rules.h"
#include "notify/alertmanager_settings.h"
#include "querier/blocked_queries.h"
#include "wire/otlp_mapping.h"
#include "wire/rfc3339.h"

namespace skald::app {
namespace {

Status CheckWord(std::string_view key, std::string_view word,
                 std::initializer_list<std::string_view> known) {
  if (std::find(known.begin(), known.end(), word) != known.end()) return Status();
  std::string text = std::string(key) + ": unknown value '" + std::string(word) + "'; known are";
  for (const std::string_view one : known) text.append(" ").append(one);
  return InvalidArgument(std::move(text));
}

Status CheckTime(std::string_view key, std::string_view text) {
  if (text.empty() || text == "0") return Status();
  return Annotate(wire::ParseRfc3339(text).status(), key);
}

Status CheckSelector(std::string_view key, std::string_view text) {
  const auto matchers = logql::ParseSelector(text, /*allow_empty=*/true);
  if (matchers.ok()) return Status();
  return InvalidArgument(std::string(key) +
                         ": invalid labels matchers: " + std::string(matchers.status().message()));
}

Status CheckPolicies(const Limits& limits) {
  for (const auto& [policy, streams] : limits.policy_stream_mapping.members) {
    for (const ConfigNode& stream : streams.items) {
      SKALD_RETURN_IF_ERROR(CheckSelector("policy_stream_mapping", stream.Text("selector")));
    }
  }
  for (const auto& [policy, until] : limits.block_ingestion_policy_until.members) {
    SKALD_RETURN_IF_ERROR(CheckTime("block_ingestion_policy_until", until.scalar));
  }
  return Status();
}

// Whether a tenant's own Alertmanagers can be sent to, whatever is configured for all.
Status CheckNotify(const Limits& limits) {
  const auto merged = notify::MergeAlertmanagers({}, limits.ruler_alertmanager_config);
  const Status status =
      merged.ok() ? notify::CompileAlertmanagers(*merged).status() : merged.status();
  return Annotate(status, "ruler_alertmanager_config");
}

}  // namespace

std::vector<std::string> LimitsWarnings(const Limits& limits) {
  std::vector<std::string> warnings;
  for (const std::string& fault : querier::BlockedQueries::Faults(limits.blocked_queries)) {
    warnings.push_back("blocked_queries: a rule blocks less than it says: " + fault);
  }
  return warnings;
}

Result<model::Matchers> ParseRetentionSelector(std::string_view text) {
  return logql::ParseSelector(text, /*allow_empty=*/true);
}

Status CheckLimits(const Limits& limits) {
  SKALD_RETURN_IF_ERROR(CheckLimitsShapes(limits));
  SKALD_RETURN_IF_ERROR(CheckWord("deletion_mode", limits.deletion_mode,
                                  {"disabled", "filter-only", "filter-and-delete"}));
  SKALD_RETURN_IF_ERROR(
      CheckWord("ingestion_rate_strategy", limits.ingestion_rate_strategy, {"global", "local"}));
  SKALD_RETURN_IF_ERROR(CheckWord("tsdb_sharding_strategy", limits.tsdb_sharding_strategy,
                                  {"power_of_two", "bounded"}));
  if (limits.tsdb_max_bytes_per_shard == 0) {
    return InvalidArgument("tsdb_max_bytes_per_shard: must be greater than 0");
  }
  if (limits.engine_results_cache_time_bucket_interval < std::chrono::minutes(1)) {
    return InvalidArgument(
        "engine_results_cache_time_bucket_interval must be >= 1m, got " +
        FormatPrometheusDuration(limits.engine_results_cache_time_bucket_interval));
  }
  SKALD_RETURN_IF_ERROR(CheckTime("block_ingestion_until", limits.block_ingestion_until));
  SKALD_RETURN_IF_ERROR(CheckStreamLimits(limits));
  SKALD_RETURN_IF_ERROR(model::RetentionRules::Make(limits.retention_stream,
                                                    limits.retention_period, ParseRetentionSelector)
                            .status());
  SKALD_RETURN_IF_ERROR(CheckNotify(limits));
  SKALD_RETURN_IF_ERROR(wire::OtlpMapping::Compile(limits.otlp_config, {}).status());
  return CheckPolicies(limits);
}

}  // namespace skald::app
