#include "common/loki_key_table.h"

namespace skald {
namespace {

constexpr LokiShape kShapes[] = {
    // What has an asterisk here are parts of Loki that are experimental, its own or gone.
    {"",
     "analytics{analytics} auth_enabled ballast_bytes block_builder* block_scheduler* bloom_build* "
     "bloom_compactor* bloom_gateway* chunk_store_config{chunk_store} common{common} "
     "compactor{compactor} compactor_grpc_client{grpc_client} dataobj* distributor{distributor} "
     "frontend{frontend} frontend_worker{frontend_worker} index_gateway{index_gateway} "
     "ingest_limits* ingest_limits_frontend* ingest_limits_frontend_client* ingester{ingester} "
     "ingester_client{ingester_client} ingester_rf1* internal_server* kafka_config* lbac* "
     "limits_config{limits} memberlist{memberlist} metastore* metastore_client* metrics_namespace "
     "migrate* operational_config no_auth_tenant pattern_ingester{pattern_ingester} "
     "profiling{profiling} querier{querier} query_engine* query_range{query_range} "
     "query_scheduler{query_scheduler} rate_service* rate_service_client* ruler{ruler} "
     "ruler_storage{ruler_storage} runtime_config schema_config server{server} shutdown_delay "
     "storage_config{storage} table_manager* target tracing* ui*"},

    // Shared pieces.
    {"backoff", "max_period max_retries min_period"},
    {"consul",
     "acl_token cas_retry_delay consistent_reads host http_client_timeout watch_burst_size "
     "watch_rate_limit"},
    {"etcd", "+tls dial_timeout endpoints max_retries password tls_enabled username"},
    {"grpc_client",
     "+tls backoff_config{backoff} backoff_on_ratelimits cluster_validation* "
     "connect_backoff_base_delay connect_backoff_max_delay connect_timeout grpc_compression "
     "initial_connection_window_size initial_stream_window_size keepalive_time keepalive_timeout "
     "max_recv_msg_size max_send_msg_size rate_limit rate_limit_burst tls_enabled"},
    {"kvstore", "consul{consul} etcd{etcd} multi{multi} prefix store"},
    {"multi", "mirror_enabled mirror_timeout primary secondary"},
    {"lifecycler",
     "address availability_zone enable_inet6 final_sleep heartbeat_period heartbeat_timeout id "
     "interface_names join_after min_ready_duration num_tokens observe_period port "
     "readiness_check_ring_health ring{ring} tokens_file_path unregister_on_shutdown"},
    {"pool", "check_interval client_cleanup_period health_check_ingesters remote_timeout"},
    {"ring",
     "excluded_zones heartbeat_period heartbeat_timeout instance_addr instance_availability_zone "
     "instance_enable_ipv6 instance_id instance_interface_names instance_port kvstore{kvstore} "
     "num_tokens replication_factor tokens_file_path zone_awareness_enabled"},
    {"tls",
     "tls_ca_path tls_cert_path tls_cipher_suites tls_insecure_skip_verify tls_key_path "
     "tls_min_version tls_server_name"},

    // Caches.
    {"cache",
     "background{cache_background} default_validity embedded_cache{embedded_cache} "
     "enable_fifocache fifocache* memcached{memcached} memcached_client{memcached_client} "
     "redis{redis}"},
    {"cache_background", "writeback_buffer writeback_goroutines writeback_size_limit"},
    {"embedded_cache", "enabled max_size_items max_size_mb ttl"},
    {"memcached", "batch_size expiration parallelism"},
    {"memcached_client",
     "+tls addresses circuit_breaker_consecutive_failures circuit_breaker_interval "
     "circuit_breaker_timeout consistent_hash host max_idle_conns max_item_size service timeout "
     "tls_enabled update_interval"},
    {"redis",
     "db endpoint expiration idle_timeout master_name max_connection_age password pool_size "
     "route_randomly timeout tls_enabled tls_insecure_skip_verify username"},
    {"results_cache", "cache{cache} compression max_freshness"},
    {"chunk_store",
     "cache_lookups_older_than chunk_cache_config{cache} chunk_cache_config_l2{cache} "
     "l2_chunk_cache_handoff max_look_back_period skip_query_writeback_cache_older_than "
     "write_dedupe_cache_config{cache}"},

    // Object stores: as Loki has always named their settings, and as the Thanos project does.
    {"azure",
     "account_key account_name active_directory_endpoint chunk_delimiter client_id client_secret "
     "connection_string container_name download_buffer_size endpoint_suffix environment "
     "max_retries max_retry_delay min_retry_delay request_timeout tenant_id upload_buffer_count "
     "upload_buffer_size use_federated_token use_managed_identity use_service_principal "
     "user_assigned_id"},
    {"bos", "access_key_id bucket_name endpoint secret_access_key"},
    {"congestion_control", "controller* enabled hedging* retry*"},
    {"cos",
     "access_key_id api_key auth_endpoint backoff_config{backoff} bucketnames cr_token_file_path "
     "endpoint forcepathstyle http_config{store_http} region secret_access_key "
     "service_instance_id trusted_profile_id trusted_profile_name"},
    {"gcs",
     "bucket_name chunk_buffer_size enable_http2 enable_opencensus enable_retries endpoint "
     "request_timeout service_account"},
    {"hedging", "at max_per_second up_to"},
    {"oss",
     "access_key_id bucket conn_timeout_sec endpoint read_write_timeout_sec secret_access_key"},
    {"s3",
     "access_key_id backoff_config{backoff} bucketnames chunk_delimiter disable_dualstack "
     "dynamodb* endpoint http_config{store_http} inmemory insecure region s3 s3forcepathstyle "
     "secret_access_key session_token signature_version sse{sse} sse_encryption storage_class"},
    {"sse", "kms_encryption_context kms_key_id type"},
    {"store_http",
     "ca_file idle_conn_timeout insecure_skip_verify response_header_timeout timeout"},
    {"swift",
     "auth_url auth_version connect_timeout container_name domain_id domain_name http* internal "
     "max_retries password project_domain_id project_domain_name project_id project_name "
     "region_name request_timeout user_domain_id user_domain_name user_id username"},
    {"thanos",
     "alibaba* alibabacloud* azure{thanos_azure} bos* cos* filesystem{thanos_filesystem} "
     "gcs{thanos_gcs} s3{thanos_s3} storage_prefix swift{thanos_swift}"},
    {"thanos_azure",
     "account_key account_name chunk_delimiter connection_string container_name endpoint_suffix "
     "max_retries user_assigned_id"},
    {"thanos_filesystem", "dir"},
    {"thanos_gcs", "bucket_name chunk_buffer_size max_retries service_account"},
    {"thanos_http",
     "expect_continue_timeout idle_conn_timeout insecure_skip_verify max_connections_per_host "
     "max_idle_connections max_idle_connections_per_host response_header_timeout tls_ca_path "
     "tls_cert_path tls_handshake_timeout tls_key_path tls_server_name"},
    {"thanos_s3",
     "access_key_id bucket_lookup_type bucket_name dualstack_enabled endpoint http{thanos_http} "
     "insecure list_objects_version max_retries native_aws_auth_enabled part_size region "
     "secret_access_key send_content_md5 session_token sse{sse} storage_class sts_endpoint trace*"},
    {"thanos_store", "+thanos named_stores*"},
    {"thanos_swift",
     "+swift application_credential_id application_credential_name application_credential_secret"},

    // Storage.
    {"boltdb_shipper",
     "active_index_directory build_per_tenant_index cache_location cache_ttl "
     "index_gateway_client{index_gateway_client} index_reader_mode ingesterdbretainperiod "
     "ingestername mode query_ready_num_days resync_interval shared_store shared_store_key_prefix "
     "download_timeout use_boltdb_shipper_as_backup"},
    {"common",
     "compactor_address compactor_grpc_address instance_enable_ipv6 "
     "instance_interface_names persist_tokens replication_factor ring{ring} scratch_path "
     "storage{common_storage}"},
    {"common_filesystem", "admin_api_directory"},
    {"common_storage",
     "alibabacloud{oss} azure{azure} bos{bos} congestion_control{congestion_control} cos{cos} "
     "filesystem{common_filesystem} gcs{gcs} hedging{hedging} object_store{thanos} s3{s3} "
     "swift{swift}"},
    {"index_gateway_client",
     "grpc_client_config{grpc_client} log_gateway_requests server_address "
     "time_based_sharding_buckets"},
    {"storage",
     "alibabacloud{oss} aws{s3} azure{azure} bigtable* bloom_shipper* boltdb* "
     "boltdb_shipper{boltdb_shipper} bos{bos} cassandra* congestion_control{congestion_control} "
     "cos{cos} disable_broad_index_queries gcs{gcs} grpc_store* hedging{hedging} "
     "index_cache_validity index_queries_cache_config{cache} max_chunk_batch_size "
     "max_parallel_get_chunk named_stores* object_prefix object_store{thanos_store} swift{swift} "
     "tsdb_shipper{boltdb_shipper}"},

    // Services.
    {"analytics", "proxy_url reporting_enabled tls_config{tls} usage_stats_url"},
    {"compactor",
     "allow_deletes apply_retention_interval backup_delete_request_store_db_type "
     "compactor_ring{ring} delete_batch_size delete_request_store delete_request_store_db_type "
     "delete_request_store_key_prefix deletion_marker_object_store_prefix deletion_mode "
     "horizontal_scaling_mode jobs_config* max_compaction_parallelism "
     "retention_backoff_config{backoff} retention_delete_delay retention_delete_worker_count "
     "retention_table_timeout shared_store shared_store_key_prefix skip_latest_n_tables "
     "tables_to_compact upload_parallelism worker_config*"},
    {"distributor",
     "circuit_breaker* dataobj_tee* ingest_limits_dry_run_enabled ingest_limits_enabled "
     "inmemory_dataobj_push_timeout "
     "push_worker_count rate_store{rate_store} ring{ring} tenant_topic*"},
    {"frontend",
     "address downstream_url encoding graceful_shutdown_timeout grpc_client_config{grpc_client} "
     "instance_enable_ipv6 instance_interface_names port "
     "querier_forget_delay scheduler_address scheduler_dns_lookup_period "
     "scheduler_worker_concurrency tail_proxy_url tail_tls_config{tls}"},
    {"frontend_worker",
     "dns_lookup_duration frontend_address grpc_client_config{grpc_client} id "
     "match_max_concurrent parallelism query_frontend_grpc_client{grpc_client} "
     "query_scheduler_grpc_client{grpc_client} scheduler_address"},
    {"index_gateway", "mode ring{ring}"},
    {"ingester",
     "autoforget_unhealthy chunk_encoding chunk_retain_period concurrent_flushes "
     "delegate_stream_limits_enabled flush_op_backoff{backoff} flush_op_timeout index_shards "
     "kafka_ingestion* lifecycler{lifecycler} max_transfer_retries owned_streams_check_interval "
     "query_store_max_look_back_period sync_min_utilization sync_period wal{ingester_wal}"},
    {"ingester_client", "grpc_client_config{grpc_client} pool_config{pool} remote_timeout"},
    {"ingester_wal", "replay_memory_ceiling"},
    {"memberlist",
     "+tls abort_if_cluster_fast_join_fails abort_if_cluster_fast_join_fails_min_nodes "
     "abort_if_cluster_join_fails acquire_writer_timeout advertise_addr advertise_port bind_addr "
     "bind_port broadcast_timeout_for_local_updates_on_shutdown cluster_label "
     "cluster_label_verification_disabled compression_enabled dead_node_reclaim_time "
     "gossip_interval gossip_nodes gossip_to_dead_nodes_time join_members leave_timeout "
     "left_ingesters_timeout max_concurrent_writes max_join_backoff max_join_retries "
     "message_history_buffer_bytes min_join_backoff node_name notify_interval "
     "obsolete_entries_timeout packet_dial_timeout packet_write_timeout "
     "propagation_delay_tracker* pull_push_interval randomize_node_name rejoin_interval "
     "rejoin_seed_nodes retransmit_factor stream_timeout tls_enabled watch_prefix_buffer_size "
     "zone_aware_routing*"},
    {"pattern_ingester",
     "client_config{ingester_client} concurrent_flushes connection_timeout lifecycler{lifecycler} "
     "max_allowed_line_length max_chunk_age metric_aggregation{pattern_push} "
     "pattern_persistence{pattern_push} pattern_sample_interval retain_for tee_config{tee} "
     "volume_threshold"},
    {"pattern_push",
     "backoff_config{backoff} basic_auth* batch_size http_client_config* loki_address timeout "
     "use_tls"},
    {"profiling", "block_profile_rate cpu_profile_rate mutex_profile_fraction"},
    {"querier",
     "engine{querier_engine} engine_v2* extra_query_delay "
     "query_ingesters_within query_partition_ingesters query_timeout"},
    {"querier_engine", "max_count_min_sketch_heap_size max_look_back_period timeout"},
    {"query_range",
     "align_queries_with_step cache_index_stats_results cache_instant_metric_results "
     "cache_label_results cache_results cache_series_results cache_volume_results "
     "forward_headers_list index_stats_results_cache{results_cache} "
     "instant_metric_query_split_align instant_metric_results_cache{results_cache} "
     "label_results_cache{results_cache} max_retries results_cache{results_cache} "
     "series_results_cache{results_cache} split_queries_by_interval "
     "volume_results_cache{results_cache}"},
    {"query_scheduler",
     "grpc_client_config{grpc_client} max_queue_hierarchy_levels querier_forget_delay "
     "scheduler_ring{ring} use_scheduler_ring"},
    {"rate_store",
     "debug ingester_request_timeout max_request_parallelism stream_rate_update_interval"},
    {"ruler",
     "alertmanager_client{tls} enable_sharding evaluation* "
     "flush_period query_stats_enabled remote_write{ruler_remote_write} "
     "ring{ring} rule_path ruler_client{grpc_client} search_pending_for sharding_algo "
     "sharding_strategy storage{ruler_store} wal{ruler_wal} wal_cleaner{ruler_wal_cleaner}"},
    {"ruler_remote_write", "config_refresh_period"},
    {"ruler_storage", "+thanos"},
    {"ruler_store",
     "alibabacloud{oss} azure{azure} bos{bos} configdb* cos{cos} gcs{gcs} s3{s3} swift{swift}"},
    {"ruler_wal", "min_age truncate_frequency"},
    {"ruler_wal_cleaner", "min_age period"},
    {"server",
     "cluster_validation* create_new_traces grpc_collect_max_streams_by_conn "
     "grpc_listen_network grpc_server_num_workers grpc_server_read_buffer_size "
     "grpc_server_recv_buffer_pools_enabled grpc_server_stats_tracking_enabled "
     "grpc_server_write_buffer_size http_listen_network "
     "http_log_closed_connections_without_response_enabled "
     "report_grpc_codes_in_instrumentation_label_enabled trace_request_exclude_headers_list "
     "trace_request_headers"},
    {"tee",
     "batch_flush_interval batch_size flush_queue_size flush_worker_count stop_flush_timeout"},

    {"limits",
     "allow_deletes bloom_block_encoding bloom_build_builder_response_timeout "
     "bloom_build_max_builders bloom_build_task_max_retries bloom_creation_enabled "
     "bloom_gateway_enable_filtering bloom_max_block_size bloom_max_bloom_size "
     "bloom_planning_strategy bloom_prefetch_blocks bloom_split_series_keyspace_by "
     "bloom_task_target_series_chunk_size cardinality_limit dataobj_index_compaction_enabled "
     "dataobj_log_compaction_enabled debug_engine_streams debug_engine_tasks "
     "enable_multi_variant_queries enforce_metric_name "
     "index_gateway_max_capacity index_gateway_shard_size ingestion_partitions_tenant_shard_size "
     "max_cache_freshness_per_query max_chunks_per_query max_metadata_cache_freshness "
     "max_queriers_per_tenant max_query_capacity max_scan_task_parallelism "
     "max_stats_cache_freshness min_sharding_lookback per_tenant_override_config "
     "per_tenant_override_period query_ready_index_num_days recent_metadata_query_window "
     "ruler_enable_wal_replay ruler_remote_evaluation_max_response_size "
     "ruler_remote_evaluation_timeout ruler_remote_write_headers* "
     "ruler_remote_write_queue_batch_send_deadline ruler_remote_write_queue_capacity "
     "ruler_remote_write_queue_max_backoff ruler_remote_write_queue_max_samples_per_send "
     "ruler_remote_write_queue_max_shards ruler_remote_write_queue_min_backoff "
     "ruler_remote_write_queue_min_shards ruler_remote_write_queue_retry_on_ratelimit "
     "ruler_remote_write_relabel_configs ruler_remote_write_sigv4_config* "
     "ruler_remote_write_timeout ruler_remote_write_url ruler_tenant_shard_size "
     "s3_sse_kms_encryption_context s3_sse_kms_key_id s3_sse_type sort_schema* "
     "split_ingester_queries_by_interval split_instant_metric_queries_by_interval "
     "split_metadata_queries_by_interval split_recent_metadata_queries_by_interval "
     "tsdb_precompute_chunks unordered_writes use_owned_stream_count"},
};

constexpr std::string_view kFlags[] = {
    "config.ballast-bytes",
    "distributor.replication-factor",
    "ingester.availability-zone",
    "ingester.chunks-retain-period",
    "ingester.enable-inet6",
    "ingester.final-sleep",
    "ingester.flush-op-backoff-max-period",
    "ingester.flush-op-backoff-min-period",
    "ingester.flush-op-backoff-retries",
    "ingester.heartbeat-period",
    "ingester.heartbeat-timeout",
    "ingester.join-after",
    "ingester.kafka-ingestion-enabled",
    "ingester.min-ready-duration",
    "ingester.num-tokens",
    "ingester.observe-period",
    "ingester.readiness-check-ring-health",
    "ingester.tokens-file-path",
    "ingester.unordered-writes",
    "ingester.unregister-on-shutdown",
    "ingester.use-owned-stream-count",
    "ingester.wal-replay-memory-ceiling",
    "limits.debug-engine-streams",
    "limits.debug-engine-tasks",
    "limits.enable-multi-variant-queries",
    "limits.ingestion-partition-tenant-shard-size",
    "limits.max-scan-task-parallelism",
    "limits.per-user-override-config",
    "limits.per-user-override-period",
    "metrics-namespace",
    "querier.align-querier-with-step",
    "querier.cache-index-stats-results",
    "querier.cache-instant-metric-results",
    "querier.cache-label-results",
    "querier.cache-results",
    "querier.cache-series-results",
    "querier.cache-volume-results",
    "querier.dns-lookup-period",
    "querier.frontend-address",
    "querier.id",
    "querier.instant-metric-query-split-align",
    "querier.max-retries-per-request",
    "querier.scheduler-address",
    "querier.split-ingester-queries-by-interval",
    "querier.split-instant-metric-queries-by-interval",
    "querier.split-metadata-queries-by-interval",
    "querier.tsdb-precompute-chunks",
    "replication-factor",
    "server.create-new-traces",
    "server.grpc-collect-max-streams-by-conn",
    "server.http-log-closed-connections-without-response-enabled",
    "server.report-grpc-codes-in-instrumentation-label-enabled",
    "server.trace-request-headers-exclude-list",
    "store.cache-lookups-older-than",
    "store.cardinality-limit",
    "store.disable-broad-index-queries",
    "store.index-cache-validity",
    "store.max-chunk-batch-size",
    "store.max-parallel-get-chunk",
    "store.object-prefix",
    "store.query-chunk-limit",
    "store.query-ready-index-num-days",
    "store.skip-query-writeback-older-than",
};

constexpr std::string_view kFlagGroups[] = {
    "analytics.",
    "bloom",
    "boltdb.",
    "common.",
    "compactor.",
    "consul.",
    "dataobj",
    "distributor.",
    "etcd.",
    "experimental.",
    "frontend.",
    "index-gateway.",
    "ingest-limits",
    "ingester.client.",
    "ingester.lifecycler.",
    "ingester.partition-ring.",
    "internal-server.",
    "kafka.",
    "memberlist.",
    "multi.",
    "object-store.",
    "pattern-ingester.",
    "profiling.",
    "querier.engine.",
    "querier.engine-v2.",
    "querier.frontend-client.",
    "querier.frontend-grpc-client.",
    "querier.scheduler-grpc-client.",
    "query-engine.",
    "query-frontend.",
    "query-scheduler.",
    "rate-service",
    "reporting.",
    "ring.",
    "ruler.",
    "ruler-storage.",
    "server.cluster-validation.",
    "server.grpc.",
    "store.chunks-cache",
    "store.congestion-control.",
    "store.hedge-",
    "store.index-cache-",
    "tracing.",
    "tsdb.shipper.",
    "ui.",
};

}  // namespace

std::span<const LokiShape> LokiShapes() { return kShapes; }

std::span<const std::string_view> LokiFlags() { return kFlags; }

std::span<const std::string_view> LokiFlagGroups() { return kFlagGroups; }

}  // namespace skald
