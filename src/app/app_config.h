#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "api/request_log.h"
#include "app/fixed_settings.h"
#include "app/notify_config.h"
#include "app/rule_config.h"
#include "app/runtime_config.h"
#include "chunkstore/compact/compactor.h"
#include "chunkstore/compact/size_retention.h"
#include "common/config.h"
#include "common/limits.h"
#include "common/status.h"
#include "deletes/request_store.h"
#include "distributor/refusal_log.h"
#include "ingester/ingester_options.h"
#include "net/server_options.h"
#include "patterns/metric_aggregator.h"
#include "patterns/pattern_feed.h"
#include "patterns/pattern_store.h"
#include "patterns/pattern_writer.h"
#include "querier/querier_options.h"

namespace skald::app {

// All settings of a process, under Loki's names where Loki has them.
//
// Threads: immutable after Configuration::Load.
struct AppConfig {
  std::string target = "all";
  // Without a configuration file one tenant, so that the first push works; with one, Loki's
  // default.
  bool auth_enabled = false;
  std::string no_auth_tenant = "fake";

  uint64_t memory_bytes = 0;         // Of the whole process; 0: three quarters of what there is.
  std::string path_prefix = "data";  // Where everything is stored that has no folder of its own.
  std::string chunks_directory;      // Packs; P/chunks if empty.
  std::string instance_addr;         // As rings show it.
  std::string index_directory;       // RocksDB; P/index if empty.
  uint64_t chunk_cache_bytes = 256 << 20;
  std::string snapshots_directory;  // P/snapshots if empty.
  std::string wal_codec = "none";   // Or lz4.
  ConfigNode schema_configs;

  std::string http_listen_address;
  std::string http_path_prefix;  // Of every URL: empty, or "/logs".
  bool register_instrumentation = true;
  int http_listen_port = 3100;
  net::HttpServerOptions http;  // Address and port are filled in from the two above.
  net::GrpcHostOptions grpc;
  api::RequestLog::Options request_log;
  bool proxy_protocol_enabled = false;
  std::string log_format = "logfmt";
  std::string log_level = "info";
  std::chrono::nanoseconds graceful_shutdown_timeout = std::chrono::seconds(30);
  std::chrono::nanoseconds shutdown_delay{0};

  uint64_t max_recv_msg_size = 100 << 20;                 // Of a push, as sent.
  uint64_t max_decompressed_size = uint64_t{5000} << 20;  // Of a push, unpacked.
  distributor::RefusalLog::Options refusal_log;
  uint64_t frontend_max_body_size = 10 << 20;  // Of a query's form.
  bool compress_responses = true;
  std::chrono::nanoseconds log_queries_longer_than{0};
  bool multi_tenant_queries_enabled = false;
  bool per_request_limits_enabled = false;
  std::chrono::nanoseconds tail_max_duration = std::chrono::hours(1);
  uint64_t query_memory_bytes = 1 << 30;
  int max_concurrent_queries = 4;
  uint64_t frontend_max_outstanding = 2048;  // Queries of a tenant that wait; 0: no bound.
  uint64_t scheduler_max_outstanding = 32000;
  querier::QuerierOptions querier;
  int query_threads = 0;  // 0: one a core.

  // Attributes of OpenTelemetry's resources that become labels of streams.
  std::vector<std::string> otlp_index_labels = {"service.name",
                                                "service.namespace",
                                                "service.instance.id",
                                                "deployment.environment",
                                                "deployment.environment.name",
                                                "cloud.region",
                                                "cloud.availability_zone",
                                                "k8s.cluster.name",
                                                "k8s.namespace.name",
                                                "k8s.pod.name",
                                                "k8s.container.name",
                                                "container.name",
                                                "k8s.replicaset.name",
                                                "k8s.deployment.name",
                                                "k8s.statefulset.name",
                                                "k8s.daemonset.name",
                                                "k8s.cronjob.name",
                                                "k8s.job.name"};
  ConfigNode default_policy_stream_mappings;  // Which limits.policy_stream_mapping adds to.
  bool pattern_ingester_enabled = false;
  patterns::PatternStore::Options patterns;
  patterns::PatternFeed::Options pattern_feed;
  patterns::MetricAggregator::Options metric_aggregation;
  patterns::PatternWriter::Options pattern_persistence;

  ingester::IngesterOptions ingester;
  chunkstore::Compactor::Options compactor;
  bool retention_enabled = false;
  chunkstore::SizeRetention::Options size_retention;
  NotifyConfig notify;
  RulerConfig ruler;
  deletes::RequestStore::Options deletes;  // Its folder: P/compactor if empty.
  // Pieces in which requests with filters are processed.
  std::chrono::nanoseconds delete_max_interval = std::chrono::hours(24);
  Limits limits;
  FixedSettings fixed;
  RuntimeConfigOptions runtime_config;
  // Limits that a tenant may read of itself; empty: all.
  std::vector<std::string> tenant_limits_allow_publish = {"discover_log_levels",
                                                          "discover_service_name",
                                                          "log_level_fields",
                                                          "max_entries_limit_per_query",
                                                          "max_line_size_truncate",
                                                          "max_query_bytes_read",
                                                          "max_query_length",
                                                          "max_query_lookback",
                                                          "max_query_range",
                                                          "max_query_series",
                                                          "metric_aggregation_enabled",
                                                          "otlp_config",
                                                          "pattern_persistence_enabled",
                                                          "query_timeout",
                                                          "retention_period",
                                                          "retention_stream",
                                                          "volume_enabled",
                                                          "volume_max_series"};
};

// The file that Loki reads if none is named: config.yaml or config/config.yaml; empty if neither is
// there.
std::string DefaultConfigFile();

// The configuration of a process: flags over file over what `common` implies over defaults.
//
// Order:   Load once; then the printers.
// Threads: not synchronised.
class Configuration {
 public:
  Configuration();
  Configuration(const Configuration&) = delete;
  Configuration& operator=(const Configuration&) = delete;

  // Reads `files`, a comma list of which the first that exists counts (empty: none is read), then
  // `flags`. kInvalidArgument for whatever is wrong, kNotFound `<list> does not exist, set
  // config.file for custom config path`.
  Status Load(const std::string& files, bool expand_env, const std::vector<std::string>& flags);

  const AppConfig& config() const { return config_; }
  const Settings& settings() const { return settings_; }
  // The file that was read; empty if none.
  const std::string& file() const { return file_; }
  // Keys of the file that are Loki's and mean nothing here.
  const std::vector<std::string>& ignored() const { return ignored_; }

 private:
  Status ReadFile(const std::string& files, bool expand_env);
  Status ReadText(const std::string& text);
  Status Complete();

  AppConfig config_;
  Settings settings_;
  std::string file_;
  std::vector<std::string> ignored_;
};

}  // namespace skald::app
