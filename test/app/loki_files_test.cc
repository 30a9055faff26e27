// Configuration files of the kinds that are found in the field: whoever comes from Loki starts with
// the one he has.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "app/app_config.h"
#include "support/matchers.h"
#include "support/temp_folder.h"

namespace skald::app {
namespace {

Status Load(const std::string& yaml, const std::vector<std::string>& flags = {}) {
  const test::TempFolder folder;
  const std::string path = folder.path() + "/loki.yaml";
  std::ofstream(path) << yaml;
  return Configuration().Load(path, /*expand_env=*/false, flags);
}

TEST(LokiFilesTest, ASingleBinaryOfTheChart) {
  EXPECT_THAT(Load(R"(
auth_enabled: true
bloom_build: {builder: {planner_address: ""}, enabled: false}
bloom_gateway: {client: {addresses: ""}, enabled: false}
chunk_store_config:
  chunk_cache_config:
    background: {writeback_buffer: 500000, writeback_goroutines: 1, writeback_size_limit: 500MB}
    default_validity: 0s
    memcached: {batch_size: 4, parallelism: 5}
    memcached_client:
      addresses: dnssrvnoa+_memcached-client._tcp.loki-chunks-cache.logs.svc
      consistent_hash: true
      max_idle_conns: 72
      timeout: 2000ms
common:
  compactor_address: 'http://loki:3100'
  path_prefix: /var/loki
  replication_factor: 1
  storage: {filesystem: {chunks_directory: /var/loki/chunks, rules_directory: /var/loki/rules}}
frontend: {scheduler_address: "", tail_proxy_url: ""}
frontend_worker: {scheduler_address: ""}
index_gateway: {mode: simple}
ingester: {chunk_encoding: snappy, autoforget_unhealthy: true}
limits_config:
  max_cache_freshness_per_query: 10m
  query_timeout: 300s
  reject_old_samples: true
  reject_old_samples_max_age: 168h
  split_queries_by_interval: 15m
  volume_enabled: true
  tsdb_max_query_parallelism: 128
  max_queriers_per_tenant: 0
memberlist: {join_members: [loki-memberlist.logs.svc.cluster.local]}
pattern_ingester: {enabled: false}
query_range:
  align_queries_with_step: true
  results_cache:
    cache:
      background: {writeback_buffer: 500000, writeback_goroutines: 1, writeback_size_limit: 500MB}
      default_validity: 12h
      memcached_client: {addresses: dnssrvnoa+_memcached-client._tcp.cache, update_interval: 1m}
ruler: {storage: {type: local}, wal: {dir: /var/loki/ruler-wal}, alertmanager_url: ""}
runtime_config: {file: ""}
schema_config:
  configs:
    - {from: "2024-04-01", index: {period: 24h, prefix: index_}, object_store: filesystem,
       schema: v13, store: tsdb}
server:
  grpc_listen_port: 9095
  http_listen_port: 3100
  http_server_read_timeout: 600s
  http_server_write_timeout: 600s
  grpc_server_max_recv_msg_size: 104857600
  grpc_server_max_send_msg_size: 104857600
  grpc_server_min_time_between_pings: 10s
  grpc_server_ping_without_stream_allowed: true
storage_config:
  bloom_shipper: {working_directory: /var/loki/data/bloomshipper}
  boltdb_shipper: {index_gateway_client: {server_address: ""}}
  hedging: {at: 250ms, max_per_second: 20, up_to: 3}
  tsdb_shipper: {index_gateway_client: {server_address: ""}}
  use_thanos_objstore: false
tracing: {enabled: true}
ui: {enabled: false}
)",
                   {"-memberlist.advertise-addr=10.0.0.1", "-target=all",
                    "-boltdb.shipper.compactor.ring.kvstore.store=inmemory"}),
              test::IsOk());
}

TEST(LokiFilesTest, MicroservicesOnObjectStorage) {
  EXPECT_THAT(Load(R"(
auth_enabled: false
common:
  storage:
    s3:
      endpoint: minio:9000
      bucketnames: chunks
      access_key_id: a
      secret_access_key: b
      s3forcepathstyle: true
      insecure: true
      http_config: {idle_conn_timeout: 90s, insecure_skip_verify: false}
      backoff_config: {max_retries: 5}
  ring: {kvstore: {store: memberlist}, heartbeat_period: 5s, instance_interface_names: [eth0]}
  persist_tokens: true
compactor:
  compaction_interval: 2h
  compactor_ring: {kvstore: {store: memberlist}}
  delete_request_store: s3
  retention_enabled: true
  retention_delete_delay: 2h
  retention_delete_worker_count: 150
  working_directory: /data/compactor
distributor:
  ring: {kvstore: {store: memberlist}}
  rate_store: {debug: false, max_request_parallelism: 200}
frontend:
  compress_responses: true
  grpc_client_config: {max_send_msg_size: 1.048576e+08, tls_enabled: false}
  log_queries_longer_than: 5s
  max_outstanding_per_tenant: 1024
frontend_worker:
  grpc_client_config: {max_send_msg_size: 1.048576e+08, backoff_config: {max_retries: 3}}
  match_max_concurrent: true
  scheduler_address: query-scheduler:9095
ingester:
  chunk_encoding: snappy
  chunk_retain_period: 1m
  concurrent_flushes: 32
  flush_op_backoff: {min_period: 10s, max_retries: 3}
  index_shards: 32
  max_transfer_retries: 0
  lifecycler:
    join_after: 30s
    num_tokens: 512
    ring: {heartbeat_timeout: 1m, kvstore: {consul: {host: 'consul:8500'}}, replication_factor: 3}
  wal: {dir: /loki/wal, enabled: true, replay_memory_ceiling: 7GB}
ingester_client:
  grpc_client_config: {grpc_compression: snappy}
  pool_config: {health_check_ingesters: true}
  remote_timeout: 1s
limits_config:
  cardinality_limit: 100000
  enforce_metric_name: false
  ingestion_rate_mb: 10
  max_chunks_per_query: 2000000
  per_tenant_override_config: /etc/loki/overrides.yaml
  unordered_writes: true
  ruler_remote_write_headers: {X-Key: a}
querier:
  engine: {max_look_back_period: 30s, timeout: 3m}
  query_ingesters_within: 2h
  query_timeout: 5m
query_range:
  cache_results: true
  max_retries: 5
  results_cache: {cache: {enable_fifocache: true, fifocache: {max_size_items: 1024, validity: 24h}}}
  split_queries_by_interval: 30m
query_scheduler:
  max_outstanding_requests_per_tenant: 1024
  use_scheduler_ring: true
  scheduler_ring: {kvstore: {store: memberlist}}
ruler:
  enable_sharding: true
  ring: {kvstore: {store: memberlist}}
  storage: {s3: {bucketnames: ruler}, type: s3}
  rule_path: /tmp/rules
schema_config:
  configs:
    - {from: "2020-10-24", store: boltdb-shipper, object_store: s3, schema: v11,
       index: {prefix: loki_index_, period: 24h}}
    - {from: "2024-04-01", store: tsdb, object_store: s3, schema: v13,
       index: {prefix: index_, period: 24h}}
storage_config:
  boltdb_shipper: {active_index_directory: /data/index, cache_location: /data/cache, shared_store: s3}
  index_queries_cache_config: {memcached: {batch_size: 100}, memcached_client: {host: m, service: s}}
  max_chunk_batch_size: 50
table_manager: {retention_deletes_enabled: false, retention_period: 0s}
chunk_store_config: {max_look_back_period: 0s}
)"),
              test::IsOk());
}

}  // namespace
}  // namespace skald::app
