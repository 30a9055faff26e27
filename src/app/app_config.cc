#include "app/app_config.h"

#include <cstdlib>
#include <utility>

#include "app/command_line.h"
#include "app/config_check.h"
#include "app/server_config.h"
#include "common/expand_env.h"
#include "common/files.h"

namespace skald::app {
namespace {

void AddRoot(Settings& s, AppConfig* c) {
  s.Add("target", &c->target, "Parts that run in this process, separated by commas");
  s.Add("auth_enabled", &c->auth_enabled,
        "Whether requests must name their tenant in X-Scope-OrgID; true if a file is read that "
        "does not say",
        "auth.enabled");
  s.Add("no_auth_tenant", &c->no_auth_tenant, "The tenant of all requests without auth_enabled",
        "auth.no-auth-tenant");
  s.Add("shutdown_delay", &c->shutdown_delay,
        "Time between /ready saying 503 and the end of serving");
  s.Add("common.path_prefix", &c->path_prefix, "Folder of all data");
  s.Add("common.instance_addr", &c->instance_addr,
        "Address that rings show for this process; where gRPC is served if empty", "-");
  s.Add("common.memory_bytes", &c->memory_bytes,
        "Bytes that pushed lines, streams, caches and queries may hold together; 0 for three "
        "quarters of the memory of machine or container",
        "", Settings::Unit::kBytes);
  s.Add("common.storage.filesystem.chunks_directory", &c->chunks_directory,
        "Folder of packs; <path_prefix>/chunks if empty", "-");
  s.Add("storage_config.filesystem.directory", &c->chunks_directory,
        "As common.storage.filesystem.chunks_directory", "local.chunk-directory");
  s.Add("common.storage.object_store.filesystem.dir", &c->chunks_directory,
        "As common.storage.filesystem.chunks_directory");
  s.Add("storage_config.object_store.filesystem.dir", &c->chunks_directory,
        "As common.storage.filesystem.chunks_directory", "object-store.filesystem.dir");
  s.Add("storage_config.index_directory", &c->index_directory,
        "Folder of the label index; <path_prefix>/index if empty", "index.directory");
  s.Add("snapshots.directory", &c->snapshots_directory,
        "Folder that snapshots are put in; <path_prefix>/snapshots if empty");
  s.Add("schema_config.configs", &c->schema_configs,
        "Loki's schemas, kept for who reads /config: data here says its format by itself");
  s.Add("chunk_store_config.cache_bytes", &c->chunk_cache_bytes,
        "Memory for blocks read from packs, as long as queries do not need it", "store.cache-bytes",
        Settings::Unit::kBytes);
}

void AddRequests(Settings& s, AppConfig* c) {
  s.Add("distributor.max_recv_msg_size", &c->max_recv_msg_size, "Bytes of a push as it is sent",
        "distributor.max-recv-msg-size", Settings::Unit::kBytes);
  s.Add("distributor.max_decompressed_size", &c->max_decompressed_size,
        "Bytes of a push when unpacked; 1/32 of the memory, but 128 MiB, where that is less",
        "distributor.max-decompressed-size", Settings::Unit::kBytes);
  s.Add("distributor.write_failures_logging.rate", &c->refusal_log.bytes_per_second,
        "Bytes a second of log lines about a tenant's refused pushes", "", Settings::Unit::kBytes);
  s.Add("distributor.write_failures_logging.add_insights_label", &c->refusal_log.add_insight,
        "Whether these lines have insight=true");
  s.Add("distributor.otlp_config.default_resource_attributes_as_index_labels",
        &c->otlp_index_labels,
        "Attributes of OpenTelemetry's resources that become labels of streams, unless a tenant's "
        "otlp_config ignores them",
        "distributor.otlp.default_resource_attributes_as_index_labels");
  s.Add("distributor.default_policy_stream_mappings", &c->default_policy_stream_mappings,
        "As limits_config.policy_stream_mapping, which wins where both know a policy");
  s.Add("frontend.max_body_size", &c->frontend_max_body_size, "Bytes of a query's form",
        "frontend.max-body-size", Settings::Unit::kBytes);
  s.Add("frontend.log_queries_longer_than", &c->log_queries_longer_than,
        "Requests of the query path that take longer are logged with their parameters; 0 for none");
  s.Add("frontend.query_stats_enabled", &c->querier.query_stats,
        "Whether metrics tell what each tenant's queries cost", "frontend.query-stats-enabled");
  s.Add(
      "query_range.parallelise_shardable_queries", &c->querier.sharding,
      "Whether max_querier_bytes_read is for one of tsdb_max_bytes_per_shard's shards of a query, "
      "where it can be cut into some",
      "querier.parallelise-shardable-queries");
  s.Add("query_range.shard_aggregations", &c->limits.shard_aggregations,
        "As limits_config.shard_aggregations", "querier.shard-aggregations");
  s.Add("frontend.compress_responses", &c->compress_responses,
        "Whether answers are gzipped for clients that accept it",
        "querier.compress-http-responses");
  s.Add("querier.multi_tenant_queries_enabled", &c->multi_tenant_queries_enabled,
        "Whether X-Scope-OrgID of a query may name several tenants, as a|b");
  s.Add("querier.per_request_limits_enabled", &c->per_request_limits_enabled,
        "Whether a query may tighten its limits by the header X-Loki-Query-Limits");
  s.Add("querier.tail_max_duration", &c->tail_max_duration,
        "A live tail is closed after this time; 0 for never", "querier.tail-max-duration");
  s.Add("querier.memory_bytes", &c->query_memory_bytes,
        "Bytes that all queries together may hold for series, samples and entries; 0 for what "
        "common.memory_bytes leaves",
        "", Settings::Unit::kBytes);
  s.Add("querier.max_concurrent", &c->max_concurrent_queries,
        "Queries that run at once, each on all cores; others wait, and tenants take turns",
        "querier.max-concurrent");
  s.Add("frontend.max_outstanding_per_tenant", &c->frontend_max_outstanding,
        "Queries of a tenant that may wait, beyond which it gets 429; 0 for no bound",
        "querier.max-outstanding-requests-per-tenant");
  s.Add("query_scheduler.max_outstanding_requests_per_tenant", &c->scheduler_max_outstanding,
        "The same, where it is smaller", "query-scheduler.max-outstanding-requests-per-tenant");
  s.Add("querier.threads", &c->query_threads, "Threads that work on queries; 0 for one a core");
}

void AddPatterns(Settings& s, AppConfig* c) {
  s.Add("pattern_ingester.enabled", &c->pattern_ingester_enabled,
        "Whether patterns of the last hours' lines are found, for /loki/api/v1/patterns");
  s.Add("pattern_ingester.max_clusters", &c->patterns.drain.max_clusters,
        "Patterns of a stream and level; the one unused for longest gives way");
  s.Add("pattern_ingester.max_eviction_ratio", &c->patterns.drain.max_eviction_ratio,
        "Share of a stream's lines that may displace a pattern before it gets no new ones for a "
        "while");
  s.Add("pattern_ingester.flush_check_period", &c->pattern_feed.sweep_period,
        "How often what is too old is forgotten");
  s.Add("pattern_ingester.memory_bytes", &c->patterns.memory_bytes,
        "Memory for patterns; above it the streams fed longest ago lose theirs", "",
        Settings::Unit::kBytes);
  s.Add("pattern_ingester.queue_bytes", &c->pattern_feed.queue_bytes,
        "Bytes of pushes that wait to be looked at; the fuller, the fewer of their lines are", "",
        Settings::Unit::kBytes);
  s.Add("pattern_ingester.cpu_share", &c->pattern_feed.cpu_share,
        "Share of one core that finding patterns may use");
  s.Add("pattern_ingester.lines_per_second", &c->pattern_feed.lines_per_second,
        "Lines looked at for patterns in a second; where more come, one counts for several");
  s.Add("pattern_ingester.metric_aggregation.sample_period", &c->metric_aggregation.sample_period,
        "Time for which a stream's lines are counted as one, with metric_aggregation_enabled");
  s.Add("pattern_ingester.metric_aggregation.push_period", &c->metric_aggregation.push_period,
        "How often these counts are written; a kill loses those since");
  s.Add("pattern_ingester.pattern_persistence.push_period", &c->pattern_persistence.push_period,
        "How often counts of patterns are written, with pattern_persistence_enabled; a kill loses "
        "those since");
}

void AddIngester(Settings& s, ingester::IngesterOptions* o, std::string* wal_codec) {
  s.Add("ingester.chunk_idle_period", &o->chunk_idle_period,
        "A stream without pushes for so long is flushed", "ingester.chunks-idle-period");
  s.Add("ingester.max_chunk_age", &o->max_chunk_age, "Age at which a stream's memory is flushed");
  s.Add("ingester.chunk_block_size", &o->chunk_block_size, "Bytes of lines in a block",
        "ingester.chunks-block-size");
  s.Add("ingester.chunk_target_size", &o->chunk_target_size,
        "Compressed bytes at which a chunk is full");
  s.Add("ingester.flush_check_period", &o->flush_check_period,
        "How often streams are looked at for flushing");
  s.Add("ingester.memory_bytes", &o->memory_bytes,
        "Bytes of lines in memory above which the largest streams are flushed; what the streams "
        "take themselves counts, too, up to half of it",
        "", Settings::Unit::kBytes);
  s.Add("ingester.stream_memory_bytes", &o->stream_memory_bytes,
        "Bytes that streams may take in memory apart from their lines, above which pushes get no "
        "new ones",
        "", Settings::Unit::kBytes);
  s.Add("ingester.max_returned_stream_errors", &o->max_returned_stream_errors,
        "Refused entries of a stream that an answer to a push tells of; 0 for all",
        "ingester.max-ignored-stream-errors");
  s.Add("ingester.max_dropped_streams", &o->max_dropped_streams,
        "Streams of which a tail that does not keep up is told, at a time, what it has missed",
        "ingester.tailer.max-dropped-streams");
  s.Add("ingester.shutdown_marker_path", &o->shutdown_marker_path,
        "Folder in which /ingester/prepare_shutdown leaves its mark",
        "ingester.shutdown-marker-path");
  s.Add("ingester.wal.dir", &o->wal.dir,
        "Folder of the write-ahead log; <path_prefix>/wal if "
        "left at `wal`",
        "ingester.wal-dir");
  s.Add("ingester.wal.sync", &o->wal.sync,
        "Whether a push is acknowledged only when it is on stable storage", "ingester.wal-sync");
  s.Add(
      "ingester.wal.codec", wal_codec,
      "How the log packs what pushes bring unpacked, as JSON does: none or lz4; what comes packed "
      "is written as it comes",
      "ingester.wal-codec");
  s.Add("ingester.wal.max_bytes", &o->wal.max_bytes,
        "Size of the log above which the streams that hold it are flushed",
        "ingester.wal-max-bytes", Settings::Unit::kBytes);
  s.Add("ingester.wal.disk_full_threshold", &o->wal.disk_full_threshold,
        "Share of the disk in use above which pushes are refused; 0 for none",
        "ingester.wal-disk-full-threshold");
  s.Add("ingester.wal.checkpoint_duration", &o->wal.checkpoint_duration,
        "Age at which a segment of the log is closed", "ingester.checkpoint-duration");
  s.Add("ingester.wal.flush_on_shutdown", &o->wal.flush_on_shutdown,
        "Whether all memory is flushed at the end", "ingester.flush-on-shutdown");
}

void AddCompactor(Settings& s, AppConfig* c) {
  s.Add("compactor.compaction_interval", &c->compactor.interval,
        "Time between rounds that join packs and apply retention; 0: none");
  s.Add("compactor.retention_enabled", &c->retention_enabled,
        "Whether entries are hidden, and dropped, once they are older than retention_stream or "
        "retention_period say; also whether entries can be deleted by requests");
  s.Add("compactor.retention_max_bytes", &c->size_retention.max_bytes,
        "Bytes that all data but snapshots may take on disk: above them the oldest entries of all "
        "tenants go, with or without retention_enabled; 0 for no bound",
        "", Settings::Unit::kBytes);
  s.Add("compactor.retention_max_disk_share", &c->size_retention.max_disk_share,
        "Share of the disk that may be in use, by whomever, as 0.8: above it the oldest entries "
        "of all tenants go; 0 for no bound");
}

void AddDeletes(Settings& s, AppConfig* c) {
  s.Add("compactor.working_directory", &c->deletes.folder,
        "Folder of what is known of delete requests; <path_prefix>/compactor if empty");
  s.Add("compactor.delete_request_cancel_period", &c->deletes.cancel_period,
        "How long a delete request can be cancelled; a minute later it is processed");
  s.Add("compactor.delete_max_interval", &c->delete_max_interval,
        "Length of the pieces in which a delete request with filters is processed");
}

void AddTenants(Settings& s, AppConfig* c) {
  AddLimits(s, &c->limits);
  AddOperationalConfig(s, &c->limits.operational);
  s.Add("runtime_config.file", &c->runtime_config.files,
        "Files and http(s) URLs, separated by commas, with limits of single tenants; later ones "
        "win");
  s.Add("runtime_config.period", &c->runtime_config.period, "How often they are read",
        "runtime-config.reload-period");
  s.Add("runtime_config.http_client_timeout", &c->runtime_config.http_client_timeout,
        "Time that reading a URL of them may take");
  s.Add("tenant_limits_allow_publish", &c->tenant_limits_allow_publish,
        "Limits that a tenant may read of itself; empty for all");
}

// One store only can be common to all that is stored.
Status CheckCommonStorage(const ConfigNode& root) {
  const ConfigNode* common = root.Find("common");
  const ConfigNode* storage = common == nullptr ? nullptr : common->Find("storage");
  if (storage == nullptr) return {};
  std::string found;
  for (const std::string_view name :
       {"alibabacloud", "azure", "bos", "cos", "filesystem", "gcs", "s3", "swift"}) {
    const ConfigNode* store = storage->Find(name);
    if (store == nullptr || store->members.empty()) continue;
    if (!found.empty()) {
      return InvalidArgument(
          "too many storage configs provided in the common config, please only define one storage "
          "backend: common.storage has " +
          found + " and " + std::string(name));
    }
    found = name;
  }
  return {};
}

// "/logs" of "logs/"; empty of "/".
std::string CleanPrefix(std::string_view prefix) {
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  while (prefix.starts_with('/')) prefix.remove_prefix(1);
  return prefix.empty() ? std::string() : "/" + std::string(prefix);
}

}  // namespace

std::string DefaultConfigFile() {
  const auto fs = MakePosixFileSystem();
  for (const char* name : {"config.yaml", "config/config.yaml"}) {
    const Result<bool> exists = fs->Exists(name);
    if (exists.ok() && *exists) return name;
  }
  return {};
}

Configuration::Configuration() {
  AddRoot(settings_, &config_);
  AddServerConfig(settings_, &config_);
  AddRequests(settings_, &config_);
  AddPatterns(settings_, &config_);
  AddIngester(settings_, &config_.ingester, &config_.wal_codec);
  AddCompactor(settings_, &config_);
  AddNotifyConfig(settings_, &config_.notify);
  AddRulerConfig(settings_, &config_.ruler);
  AddDeletes(settings_, &config_);
  AddTenants(settings_, &config_);
  AddFixedSettings(settings_, &config_.fixed);
  for (std::string& flag : CommandLineFlags()) settings_.AddForeignFlag(std::move(flag));
}

Status Configuration::Load(const std::string& files, bool expand_env,
                           const std::vector<std::string>& flags) {
  if (!files.empty()) SKALD_RETURN_IF_ERROR(ReadFile(files, expand_env));
  SKALD_RETURN_IF_ERROR(settings_.ReadFlags(flags, ignored_));
  const Status completed = Complete();
  return CheckConfig(config_, completed);
}

Status Configuration::ReadFile(const std::string& files, bool expand_env) {
  const auto fs = MakePosixFileSystem();
  for (size_t at = 0; at <= files.size() && file_.empty();) {
    const size_t comma = std::min(files.find(',', at), files.size());
    const std::string name = files.substr(at, comma - at);
    SKALD_ASSIGN_OR_RETURN(const bool exists, fs->Exists(name));
    if (exists) file_ = name;
    at = comma + 1;
  }
  if (file_.empty()) {
    return NotFound(files + " does not exist, set config.file for custom config path");
  }
  SKALD_ASSIGN_OR_RETURN(std::string text, fs->ReadAll(file_));
  if (expand_env) {
    SKALD_ASSIGN_OR_RETURN(
        text, ExpandEnv(text, [](const std::string& name) { return std::getenv(name.c_str()); }));
  }
  config_.auth_enabled = true;
  settings_.TakeAsDefault("auth_enabled");
  config_.ruler.kept_without_storage = false;
  Status status = ReadText(text);
  if (!status.ok() && !expand_env && text.find("${") != std::string::npos) {
    return InvalidArgument(std::string(status.message()) +
                           ". Use `-config.expand-env=true` flag if you want to expand "
                           "environment variables in your config file");
  }
  return status;
}

Status Configuration::ReadText(const std::string& text) {
  auto root = ParseYaml(text);
  if (!root.ok()) return Annotate(root.status(), file_);
  SKALD_RETURN_IF_ERROR(settings_.ReadNode(*root, file_, {"limits_config"}, ignored_));
  return Annotate(CheckCommonStorage(*root), file_);
}

// Fills in what follows from other settings.
Status Configuration::Complete() {
  const std::string& prefix = config_.path_prefix;
  if (config_.chunks_directory.empty()) config_.chunks_directory = JoinPath(prefix, "chunks");
  if (config_.index_directory.empty()) config_.index_directory = JoinPath(prefix, "index");
  if (config_.snapshots_directory.empty()) {
    config_.snapshots_directory = JoinPath(prefix, "snapshots");
  }
  if (config_.deletes.folder.empty()) config_.deletes.folder = JoinPath(prefix, "compactor");
  if (config_.ingester.wal.dir == ingester::WalOptions().dir) {
    config_.ingester.wal.dir = JoinPath(prefix, "wal");
  }
  if (config_.wal_codec == "lz4") config_.ingester.wal.codec = Codec::kLz4;
  config_.limits.policy_stream_mapping =
      config_.limits.policy_stream_mapping.kind == ConfigNode::Kind::kNull
          ? config_.default_policy_stream_mappings
          : MergeNodes(config_.default_policy_stream_mappings,
                       config_.limits.policy_stream_mapping);
  config_.http_path_prefix = CleanPrefix(config_.http_path_prefix);
  config_.http.address = config_.http_listen_address;
  config_.http.port = static_cast<uint16_t>(config_.http_listen_port);
  if (config_.http.header_timeout.count() <= 0) {
    config_.http.header_timeout = net::HttpServerOptions().header_timeout;
  }
  return CompleteNotifyConfig(prefix, &config_.notify);
}

}  // namespace skald::app
