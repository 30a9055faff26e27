#include "common/loki_keys.h"

#include <algorithm>
#include <string>

namespace skald {
namespace {

// Sections of which everything below is accepted: parts of Loki that Skald has no counterpart of,
// or structures with open-ended content. Keys of 3.x that Loki itself dropped are here as well.
constexpr std::string_view kSections[] = {
    "analytics",
    "ballast_bytes",
    "bloom_build",
    "bloom_gateway",
    "chunk_store_config",
    "common.compactor_address",
    "common.compactor_grpc_address",
    "common.instance_addr",
    "common.instance_enable_ipv6",
    "common.instance_interface_names",
    "common.persist_tokens",
    "common.replication_factor",
    "common.ring",
    "common.scratch_path",
    "common.storage",
    "compactor",
    "compactor_grpc_client",
    "dataobj",
    "distributor",
    "frontend",
    "frontend_worker",
    "index_gateway",
    "ingest_limits",
    "ingest_limits_frontend",
    "ingest_limits_frontend_client",
    "ingester.lifecycler",
    "ingester.flush_op_backoff",
    "ingester.kafka_ingestion",
    "ingester_client",
    "ingester_rf1",
    "internal_server",
    "kafka_config",
    "lbac",
    "memberlist",
    "metastore",
    "metastore_client",
    "migrate",
    "operational_config",
    "pattern_ingester",
    "profiling",
    "querier.engine",
    "querier.engine_v2",
    "query_engine",
    "query_range",
    "query_scheduler",
    "ruler",
    "ruler_storage",
    "schema_config",
    "server.cluster_validation",
    "storage_config",
    "table_manager",
    "tracing",
    "ui",
};

constexpr std::string_view kKeys[] = {
    "common.path_prefix",
    "metrics_namespace",
    "no_auth_tenant",
    "shutdown_delay",
    "target",
    // server
    "server.graceful_shutdown_timeout",
    "server.grpc_listen_conn_limit",
    "server.grpc_listen_network",
    "server.grpc_server_keepalive_time",
    "server.grpc_server_keepalive_timeout",
    "server.grpc_server_max_connection_age",
    "server.grpc_server_max_connection_age_grace",
    "server.grpc_server_max_connection_idle",
    "server.grpc_server_min_time_between_pings",
    "server.grpc_server_ping_without_stream_allowed",
    "server.http_listen_conn_limit",
    "server.http_listen_network",
    "server.http_server_read_header_timeout",
    "server.log_request_at_info_level_enabled",
    "server.log_request_exclude_headers_list",
    "server.log_request_headers",
    "server.log_source_ips_enabled",
    "server.log_source_ips_full",
    "server.log_source_ips_header",
    "server.log_source_ips_regex",
    "server.proxy_protocol_enabled",
    "server.register_instrumentation",
    "server.http_path_prefix",
    // ingester
    "ingester.autoforget_unhealthy",
    "ingester.chunk_encoding",
    "ingester.chunk_retain_period",
    "ingester.concurrent_flushes",
    "ingester.delegate_stream_limits_enabled",
    "ingester.flush_op_timeout",
    "ingester.index_shards",
    "ingester.owned_streams_check_interval",
    "ingester.query_store_max_look_back_period",
    "ingester.shutdown_marker_path",
    "ingester.sync_min_utilization",
    "ingester.sync_period",
    "ingester.wal.enabled",
    "ingester.wal.replay_memory_ceiling",
    // querier
    "querier.extra_query_delay",
    "querier.per_request_limits_enabled",
    "querier.query_ingester_only",
    "querier.query_ingesters_within",
    "querier.query_partition_ingesters",
    "querier.query_store_only",
};

// Flags that are not named as their keys.
constexpr std::string_view kFlags[] = {
    "ring.heartbeat-timeout",
    "ingester.chunks-retain-period",
    "ingester.final-sleep",
    "ingester.min-ready-duration",
    "ingester.num-tokens",
    "ingester.tokens-file-path",
    "ingester.unregister-on-shutdown",
    "ingester.use-owned-stream-count",
    "ingester.wal-enabled",
    "ingester.wal-replay-memory-ceiling",
    "limits.ingestion-partition-tenant-shard-size",
    "querier.align-querier-with-step",
    "querier.cache-index-stats-results",
    "querier.cache-instant-metric-results",
    "querier.cache-label-results",
    "querier.cache-results",
    "querier.cache-series-results",
    "querier.cache-volume-results",
    "querier.engine-results-cache-time-bucket-interval",
    "querier.instant-metric-query-split-align",
    "querier.max-retries-per-request",
    "querier.split-ingester-queries-by-interval",
    "querier.split-instant-metric-queries-by-interval",
    "querier.split-metadata-queries-by-interval",
    "querier.tsdb-precompute-chunks",
    "store.cardinality-limit",
    "store.max-chunk-batch-size",
    "store.max-parallel-get-chunk",
    "store.object-prefix",
    "store.query-chunk-limit",
    "store.query-ready-index-num-days",
};

// Groups of which every flag is accepted.
constexpr std::string_view kFlagGroups[] = {"experimental.", "query-frontend.", "tsdb.shipper."};

}  // namespace

bool IsLokiKey(std::string_view key) {
  const auto below = [&](std::string_view section) {
    return key == section ||
           (key.size() > section.size() && key.starts_with(section) && key[section.size()] == '.');
  };
  return std::any_of(std::begin(kSections), std::end(kSections), below) ||
         std::any_of(std::begin(kKeys), std::end(kKeys), below);
}

bool IsLokiFlag(std::string_view name) {
  const auto in_group = [&](std::string_view group) { return name.starts_with(group); };
  if (std::find(std::begin(kFlags), std::end(kFlags), name) != std::end(kFlags) ||
      std::any_of(std::begin(kFlagGroups), std::end(kFlagGroups), in_group)) {
    return true;
  }
  std::string key(name);
  std::replace(key.begin(), key.end(), '-', '_');
  return key.find('.') != std::string::npos && IsLokiKey(key);
}

std::vector<std::string_view> NamedLokiKeys() {
  std::vector<std::string_view> keys(std::begin(kSections), std::end(kSections));
  keys.insert(keys.end(), std::begin(kKeys), std::end(kKeys));
  return keys;
}

}  // namespace skald
