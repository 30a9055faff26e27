#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/config.h"
#include "common/config_node.h"
#include "common/duration.h"
#include "common/status.h"

namespace skald {

// What is written to the log about a tenant's pushes: the keys of `operational_config`, by tenant
// in the runtime configuration.
//
// Threads: a value.
struct OperationalConfig {
  bool log_stream_creation = false;
  bool log_push_request = false;
  bool log_push_request_streams = false;  // One line a stream.
  // Not empty: of pushes from these addresses alone.
  std::vector<std::string> filter_push_request_streams_ips;
  bool log_hash_of_labels = false;  // In the lines of both.
  bool log_service_name_discovery = false;
  // Of entries that are dropped as their stream has them: how many, and which stream.
  bool log_duplicate_metrics = false;
  bool log_duplicate_stream_info = false;
  bool log_otlp_attribute_expansion = false;  // What attributes of exports grow to.
  bool limited_log_push_errors = true;        // Off: each refused push is logged.
};

// What a tenant may do. Named and defaulted as the keys of `limits_config`; sizes in bytes, 0 is
// off unless said otherwise. Structures are kept as configuration nodes for those who use them.
//
// Threads: a value; shared as immutable snapshots.
struct Limits {
  // Ingestion.
  std::string ingestion_rate_strategy = "global";
  double ingestion_rate_mb = 4;        // MiB a second.
  double ingestion_burst_size_mb = 6;  // MiB; must hold one push.
  int max_label_name_length = 1024;
  int max_label_value_length = 2048;
  int max_label_names_per_series = 15;  // service_name, if added, does not count.
  bool reject_old_samples = true;
  Nanoseconds reject_old_samples_max_age = std::chrono::hours(24 * 7);
  Nanoseconds creation_grace_period = std::chrono::minutes(10);
  uint64_t max_line_size = 256 << 10;
  bool max_line_size_truncate = false;
  std::string max_line_size_truncate_identifier;
  bool increment_duplicate_timestamp = false;
  Nanoseconds simulated_push_latency{0};  // That a push takes at least.
  ConfigNode discover_generic_fields;
  std::vector<std::string> discover_service_name = {"service",
                                                    "app",
                                                    "application",
                                                    "app_name",
                                                    "name",
                                                    "app_kubernetes_io_name",
                                                    "container",
                                                    "container_name",
                                                    "k8s_container_name",
                                                    "component",
                                                    "workload",
                                                    "job",
                                                    "k8s_job_name"};
  bool discover_log_levels = true;
  std::vector<std::string> log_level_fields = {
      "level",    "LEVEL",         "Level",         "log.level",    "severity",
      "SEVERITY", "Severity",      "SeverityText",  "lvl",          "LVL",
      "Lvl",      "severity_text", "Severity_Text", "SEVERITY_TEXT"};
  int log_level_from_json_max_depth = 2;  // 0: no bound.
  int max_streams_per_user = 0;
  int max_global_streams_per_user = 5000;
  uint64_t per_stream_rate_limit = 3 << 20;  // A second.
  uint64_t per_stream_rate_limit_burst = 15 << 20;
  bool allow_structured_metadata = true;
  uint64_t max_structured_metadata_size = 64 << 10;
  int max_structured_metadata_entries_count = 128;
  std::string block_ingestion_until;  // RFC 3339; empty is off.
  int block_ingestion_status_code = 260;
  std::vector<std::string> enforced_labels;
  ConfigNode policy_enforced_labels;
  ConfigNode policy_stream_mapping;
  ConfigNode policy_override_limits;
  ConfigNode block_ingestion_policy_until;
  ConfigNode otlp_config;
  ConfigNode shard_streams;

  // Queries.
  int max_query_series = 500;
  Nanoseconds max_query_lookback{0};
  Nanoseconds max_query_length = std::chrono::hours(721);
  Nanoseconds max_query_range{0};
  int max_query_parallelism = 32;  // 0: queries are refused.
  int tsdb_max_query_parallelism = 128;
  uint64_t tsdb_max_bytes_per_shard = uint64_t{600} << 20;
  std::string tsdb_sharding_strategy = "power_of_two";
  std::vector<std::string> shard_aggregations;
  int max_streams_matchers_per_query = 1000;
  int max_concurrent_tail_requests = 10;
  int max_entries_limit_per_query = 5000;
  Nanoseconds query_timeout = std::chrono::minutes(1);
  Nanoseconds split_queries_by_interval = std::chrono::hours(1);
  Nanoseconds engine_results_cache_time_bucket_interval = std::chrono::hours(24);  // No effect.
  uint64_t max_query_bytes_read = 0;
  uint64_t max_querier_bytes_read = uint64_t{150} << 30;
  bool volume_enabled = true;
  int volume_max_series = 1000;
  ConfigNode blocked_queries;
  std::vector<std::string> required_labels;
  int minimum_labels_number = 0;
  // Skald's own.
  bool logql_extensions = true;
  uint64_t max_query_held_bytes = uint64_t{256} << 20;

  // Retention, deletes, rules, patterns.
  std::string deletion_mode = "filter-and-delete";
  Nanoseconds retention_period{0};  // 0: for ever.
  ConfigNode retention_stream;
  int ruler_max_rules_per_rule_group = 0;
  int ruler_max_rule_groups_per_tenant = 0;
  ConfigNode ruler_alertmanager_config;
  bool ruler_remote_write_disabled = false;
  ConfigNode ruler_remote_write_config;
  bool metric_aggregation_enabled = false;
  bool pattern_persistence_enabled = false;
  Nanoseconds pattern_persistence_granularity{0};  // 0: that of the counts in memory.
  double pattern_rate_threshold = 1;               // Lines a second.
  std::string pattern_ingester_tokenizable_json_fields_default =
      "log,message,msg,msg_,_msg,content";
  std::string pattern_ingester_tokenizable_json_fields_append;
  std::string pattern_ingester_tokenizable_json_fields_delete;

  OperationalConfig operational;  // Not a limit, but as these a tenant's own.
};

// Registers every field under "limits_config.", with Loki's names of flags.
void AddLimits(Settings& settings, Limits* limits);
// The same for "operational_config.".
void AddOperationalConfig(Settings& settings, OperationalConfig* config);

// The limits of each tenant.
//
// Threads: any thread may call.
class LimitsSource {
 public:
  virtual ~LimitsSource() = default;

  // Never null. A snapshot: hold it for the length of one request, no longer.
  virtual std::shared_ptr<const Limits> For(std::string_view tenant) const = 0;
};

// The same limits for everyone.
class StaticLimits final : public LimitsSource {
 public:
  explicit StaticLimits(Limits limits)
      : limits_(std::make_shared<const Limits>(std::move(limits))) {}

  std::shared_ptr<const Limits> For(std::string_view) const override { return limits_; }

 private:
  const std::shared_ptr<const Limits> limits_;
};

}  // namespace skald
