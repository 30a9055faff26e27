#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/ids.h"
#include "model/matcher.h"

namespace skald::distributor {

// Rates of an ingestion policy that differ from the tenant's.
struct PolicyRates {
  std::optional<double> ingestion_rate_mb;
  std::optional<double> ingestion_burst_size_mb;
};

// A selector that puts streams under an ingestion policy.
struct PolicySelector {
  std::string policy;
  int priority = 0;
  model::Matchers matchers;
};

// A tenant's settings that bear on pushes, under the names that limits_config gives them.
//
// Threads: immutable once published; pushes share it.
struct PushLimits {
  double ingestion_rate_mb = 4;  // MiB a second.
  double ingestion_burst_size_mb = 6;
  size_t max_label_name_length = 1024;
  size_t max_label_value_length = 2048;
  size_t max_label_names_per_series = 15;
  bool reject_old_samples = true;
  std::chrono::nanoseconds reject_old_samples_max_age = std::chrono::hours(7 * 24);
  std::chrono::nanoseconds creation_grace_period = std::chrono::minutes(10);
  size_t max_line_size = 256 << 10;  // Bytes; 0: no limit.
  bool max_line_size_truncate = false;
  std::string max_line_size_truncate_identifier;
  bool increment_duplicate_timestamp = false;
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
  size_t log_level_from_json_max_depth = 2;  // 0: no limit.
  // Metadata name to the places it is looked for.
  std::map<std::string, std::vector<std::string>> discover_generic_fields;
  bool allow_structured_metadata = true;
  size_t max_structured_metadata_size = 64 << 10;
  size_t max_structured_metadata_entries_count = 128;
  int64_t block_ingestion_until_ns = 0;  // Epoch; 0: not blocked.
  int block_ingestion_status_code = 260;
  std::map<std::string, int64_t> block_ingestion_policy_until_ns;
  std::vector<std::string> enforced_labels;
  std::map<std::string, std::vector<std::string>> policy_enforced_labels;
  std::vector<PolicySelector> policy_stream_mapping;
  std::map<std::string, PolicyRates> policy_override_limits;
  std::chrono::nanoseconds retention_period{0};  // For metrics: loki_*{retention_hours}.
};

// The limits of a tenant as of now. A changed configuration gives a new object.
using PushLimitsSource =
    std::function<std::shared_ptr<const PushLimits>(const model::TenantId& tenant)>;

}  // namespace skald::distributor
