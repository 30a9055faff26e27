#include "app/limits_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/config.h"
#include "support/matchers.h"

namespace skald::app {
namespace {

using test::IsOk;
using testing::HasSubstr;

Limits Read(std::string_view yaml) {
  Limits limits;
  Settings settings;
  AddLimits(settings, &limits);
  std::vector<std::string> ignored;
  EXPECT_THAT(settings.ReadYaml(yaml, "test", {}, ignored), IsOk());
  return limits;
}

TEST(LimitsCheckTest, TakesTheDefaultsAndWhatIsWellFormed) {
  EXPECT_THAT(CheckLimits(Limits()), IsOk());
  EXPECT_THAT(CheckLimits(Read(
                  "limits_config:\n"
                  "  deletion_mode: filter-only\n"
                  "  ingestion_rate_strategy: local\n"
                  "  engine_results_cache_time_bucket_interval: 1m\n"
                  "  blocked_queries: [{pattern: 'a.b', regex: true, types: 'filter, limited'},\n"
                  "                    {hash: 4294967295, query_tags: {source: grafana},\n"
                  "                     since_version: 4}]\n"
                  "  block_ingestion_until: '2026-01-02T03:04:05Z'\n"
                  "  retention_stream: [{selector: '{a=\"b\"}', period: 24h}]\n"
                  "  policy_stream_mapping: {p: [{selector: '{}', priority: 1}]}\n")),
              IsOk());
}

TEST(LimitsCheckTest, WarnsOfRulesThatBlockNothing) {
  EXPECT_THAT(LimitsWarnings(Limits()), testing::IsEmpty());
  const Limits limits = Read(
      "limits_config:\n"
      "  blocked_queries: [{pattern: a}, {pattern: 'b[', regex: true}, {types: 'metric, "
      "filters'}]");
  EXPECT_THAT(CheckLimits(limits), IsOk());
  EXPECT_THAT(LimitsWarnings(limits),
              testing::ElementsAre(
                  HasSubstr("blocked_queries: a rule blocks less than it says: line 2: error "
                            "parsing regexp: missing closing ]"),
                  HasSubstr("line 2: unknown type 'filters'")));
}

TEST(LimitsCheckTest, NamesTheKeyOfWhatIsWrong) {
  const struct {
    std::string_view yaml;
    std::string_view message;
  } rows[] = {
      {"deletion_mode: sometimes", "deletion_mode: unknown value 'sometimes'"},
      {"ingestion_rate_strategy: all", "ingestion_rate_strategy: unknown value 'all'"},
      {"tsdb_sharding_strategy: even", "tsdb_sharding_strategy: unknown value 'even'"},
      {"tsdb_max_bytes_per_shard: 0", "tsdb_max_bytes_per_shard: must be greater than 0"},
      {"engine_results_cache_time_bucket_interval: 59s",
       "engine_results_cache_time_bucket_interval must be >= 1m, got 59s"},
      {"policy_override_limits: {p: {per_stream_rate_limit: fast}}",
       "policy_override_limits: p: line 2: per_stream_rate_limit:"},
      {"shard_streams: {enabled: perhaps}", "shard_streams: line 2: enabled: 'perhaps'"},
      {"block_ingestion_until: tomorrow", "block_ingestion_until: parsing time"},
      {"block_ingestion_policy_until: {p: x}", "block_ingestion_policy_until: parsing time"},
      {"retention_stream: [{selector: '{a=\"b\"}', period: 23h}]",
       "retention period must be >= 24h was 23h"},
      {"retention_stream: [{selector: 'a', period: 24h}]",
       "retention_stream: invalid labels matchers"},
      {"policy_stream_mapping: {p: [{selector: '{a='}]}",
       "policy_stream_mapping: invalid labels matchers"},
      {"blocked_queries: {pattern: a}", "blocked_queries: line 2: a list is wanted"},
      {"blocked_queries: [a]", "blocked_queries: line 2: a map is wanted"},
      {"blocked_queries: [{patern: a}]",
       "blocked_queries: line 2: field patern not found; did you mean pattern?"},
      {"blocked_queries: [{pattern: a, regex: perhaps}]",
       "blocked_queries: regex: line 2: 'perhaps' is neither true nor false"},
      {"blocked_queries: [{hash: 1234x}]", "blocked_queries: hash: line 2: '1234x' is no number"},
      {"blocked_queries: [{pattern: [a]}]", "blocked_queries: pattern: line 2: a text is wanted"},
      {"blocked_queries: [{pattern: a, query_tags: [b]}]",
       "blocked_queries: query_tags: line 2: a map is wanted"},
      {"retention_stream: {selector: '{a=\"b\"}', period: 24h}",
       "retention_stream: line 2: a list is wanted"},
      {"retention_stream: [{selektor: '{a=\"b\"}', period: 24h}]",
       "retention_stream: line 2: field selektor not found; did you mean selector?"},
      {"policy_stream_mapping: {p: {selector: '{}'}}",
       "policy_stream_mapping: p: line 2: a list is wanted"},
      {"policy_stream_mapping: {p: [{selector: '{}', priority: high}]}",
       "policy_stream_mapping: p: priority: line 2: 'high' is no number"},
      {"policy_enforced_labels: {p: team}", "policy_enforced_labels: p: line 2: a list is wanted"},
      {"policy_override_limits: {p: 5}", "policy_override_limits: p: line 2: a map is wanted"},
      {"block_ingestion_policy_until: [p]",
       "block_ingestion_policy_until: line 2: a map is wanted"},
      {"discover_generic_fields: {field: {a: [b]}}",
       "discover_generic_fields: line 2: field field not found; did you mean fields?"},
      {"otlp_config: {log_attributes: [{action: drop}]}",
       "otlp_config: log_attributes: attributes or regex must be set"},
  };
  for (const auto& row : rows) {
    const Status status = CheckLimits(Read("limits_config:\n  " + std::string(row.yaml)));
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << row.yaml;
    EXPECT_THAT(std::string(status.message()), HasSubstr(row.message)) << row.yaml;
  }
}

}  // namespace
}  // namespace skald::app
