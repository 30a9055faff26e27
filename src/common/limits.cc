#include "common/limits.h"

namespace skald {
namespace {

// Registers fields under limits_config with their flags.
class Adder {
 public:
  explicit Adder(Settings& settings) : settings_(settings) {}

  template <typename T>
  void operator()(const char* name, T* value, const char* flag, const char* help) {
    settings_.Add(std::string("limits_config.") + name, value, help, flag);
  }
  // Durations as Prometheus writes them, which is how Loki shows limits.
  void operator()(const char* name, Nanoseconds* value, const char* flag, const char* help) {
    settings_.Add(std::string("limits_config.") + name, value, help, flag,
                  Settings::DurationStyle::kPrometheus);
  }
  void Bytes(const char* name, uint64_t* value, const char* flag, const char* help) {
    settings_.Add(std::string("limits_config.") + name, value, help, flag, Settings::Unit::kBytes);
  }
  void MemberFlag(ConfigNode* structure, const char* member, Settings::Kind kind, const char* flag,
                  const char* help) {
    settings_.AddMemberFlag(structure, member, kind, help, flag);
  }
  void Node(const char* name, ConfigNode* value, const char* help) {
    settings_.Add(std::string("limits_config.") + name, value, help);
  }

 private:
  Settings& settings_;
};

void AddIngestion(Adder& add, Limits* l) {
  add("ingestion_rate_strategy", &l->ingestion_rate_strategy,
      "distributor.ingestion-rate-limit-strategy",
      "Whether the ingestion rate holds for all distributors together (global) or each (local)");
  add("ingestion_rate_mb", &l->ingestion_rate_mb, "distributor.ingestion-rate-limit-mb",
      "MiB a second that a tenant may push");
  add("ingestion_burst_size_mb", &l->ingestion_burst_size_mb, "distributor.ingestion-burst-size-mb",
      "MiB that a tenant may push at once; the largest push possible");
  add("max_label_name_length", &l->max_label_name_length, "validation.max-length-label-name",
      "Bytes of a label's name");
  add("max_label_value_length", &l->max_label_value_length, "validation.max-length-label-value",
      "Bytes of a label's value");
  add("max_label_names_per_series", &l->max_label_names_per_series,
      "validation.max-label-names-per-series", "Labels of a stream; service_name is not counted");
  add("reject_old_samples", &l->reject_old_samples, "validation.reject-old-samples",
      "Whether lines older than reject_old_samples_max_age are refused");
  add("reject_old_samples_max_age", &l->reject_old_samples_max_age,
      "validation.reject-old-samples.max-age", "Age above which lines are refused");
  add("creation_grace_period", &l->creation_grace_period, "validation.create-grace-period",
      "How far in the future a line's time may be");
  add.Bytes("max_line_size", &l->max_line_size, "distributor.max-line-size",
            "Bytes of a line; 0 for no bound");
  add("max_line_size_truncate", &l->max_line_size_truncate, "distributor.max-line-size-truncate",
      "Whether longer lines are cut instead of refused");
  add("max_line_size_truncate_identifier", &l->max_line_size_truncate_identifier,
      "distributor.max-line-size-truncate-identifier", "Text at the end of a line that was cut");
  add("increment_duplicate_timestamp", &l->increment_duplicate_timestamp,
      "validation.increment-duplicate-timestamps",
      "Whether a line at the time of the one before it is moved by a nanosecond");
  add("simulated_push_latency", &l->simulated_push_latency, "limits.simulated-push-latency",
      "Time that a push takes at least, for tests of clients");
  add.Node("discover_generic_fields", &l->discover_generic_fields,
           "Structured metadata to take from labels, metadata or the line: name to hints");
  add("discover_service_name", &l->discover_service_name, "validation.discover-service-name",
      "Labels of which the first becomes service_name; empty for none");
  add("discover_log_levels", &l->discover_log_levels, "validation.discover-log-levels",
      "Whether each line gets the structured metadata detected_level");
  add("log_level_fields", &l->log_level_fields, "validation.log-level-fields",
      "Names under which a level is looked for");
  add("log_level_from_json_max_depth", &l->log_level_from_json_max_depth,
      "validation.log-level-from-json-max-depth",
      "Levels of JSON in which a level is looked for; 0 for all");
  add("max_streams_per_user", &l->max_streams_per_user, "ingester.max-streams-per-user",
      "Active streams of a tenant in one ingester; 0 for no bound");
  add("max_global_streams_per_user", &l->max_global_streams_per_user,
      "ingester.max-global-streams-per-user",
      "Active streams of a tenant in the whole cluster; 0 for no bound");
  add.Bytes("per_stream_rate_limit", &l->per_stream_rate_limit, "ingester.per-stream-rate-limit",
            "Bytes a second that a stream may take");
  add.Bytes("per_stream_rate_limit_burst", &l->per_stream_rate_limit_burst,
            "ingester.per-stream-rate-limit-burst", "Bytes that a stream may take at once");
}

void AddIngestionRules(Adder& add, Limits* l) {
  add("allow_structured_metadata", &l->allow_structured_metadata,
      "validation.allow-structured-metadata", "Whether lines may have structured metadata");
  add.Bytes("max_structured_metadata_size", &l->max_structured_metadata_size,
            "limits.max-structured-metadata-size",
            "Bytes of a line's structured metadata; 0 for no bound");
  add("max_structured_metadata_entries_count", &l->max_structured_metadata_entries_count,
      "limits.max-structured-metadata-entries-count",
      "Pairs of a line's structured metadata; 0 for no bound");
  add("block_ingestion_until", &l->block_ingestion_until, "limits.block-ingestion-until",
      "Time (RFC 3339) until which pushes are refused");
  add("block_ingestion_status_code", &l->block_ingestion_status_code,
      "limits.block-ingestion-status-code",
      "HTTP status of pushes refused by block_ingestion_until; 200 drops them silently");
  add("enforced_labels", &l->enforced_labels, "validation.enforced-labels",
      "Labels that every stream must have");
  add.Node("policy_enforced_labels", &l->policy_enforced_labels,
           "Labels that every stream of a policy must have");
  add.Node("policy_stream_mapping", &l->policy_stream_mapping,
           "Selectors that give streams a policy");
  add.Node("policy_override_limits", &l->policy_override_limits, "Limits of a policy's streams");
  add.Node("block_ingestion_policy_until", &l->block_ingestion_policy_until,
           "Times until which pushes of a policy are refused");
  add.Node("otlp_config", &l->otlp_config, "What becomes of OpenTelemetry's attributes");
  add.Node("shard_streams", &l->shard_streams, "Splitting of hot streams");
  const auto shard = [&](const char* member, Settings::Kind kind, const char* flag,
                         const char* help) {
    add.MemberFlag(&l->shard_streams, member, kind, flag, help);
  };
  shard("enabled", Settings::Kind::kBool, "shard-streams.enabled",
        "Whether a stream above desired_rate becomes several");
  shard("desired_rate", Settings::Kind::kText, "shard-streams.desired-rate",
        "Bytes a second of each of these");
  shard("logging_enabled", Settings::Kind::kBool, "shard-streams.logging-enabled",
        "Whether it is logged that a stream becomes several");
  shard("time_sharding_enabled", Settings::Kind::kBool, "shard-streams.time-sharding-enabled",
        "Whether old entries become streams by their time");
  shard("time_sharding_ignore_recent", Settings::Kind::kText,
        "shard-streams.time-sharding-ignore-recent", "Age above which entries are old");
}

void AddQueries(Adder& add, Limits* l) {
  add("max_query_series", &l->max_query_series, "querier.max-query-series",
      "Series of a metric query's answer");
  add("max_query_lookback", &l->max_query_lookback, "querier.max-query-lookback",
      "How far back queries see; 0 for no bound");
  add("max_query_length", &l->max_query_length, "store.max-query-length",
      "Time between start and end of a query; 0 for no bound");
  add("max_query_range", &l->max_query_range, "querier.max-query-range",
      "Length of a query's [range]; 0 for no bound");
  add("max_query_parallelism", &l->max_query_parallelism, "querier.max-query-parallelism",
      "Parts of a query at once; 0 switches querying off");
  add("tsdb_max_query_parallelism", &l->tsdb_max_query_parallelism,
      "querier.tsdb-max-query-parallelism", "Read for the sake of Loki's files; without effect");
  add.Bytes("tsdb_max_bytes_per_shard", &l->tsdb_max_bytes_per_shard,
            "querier.tsdb-max-bytes-per-shard",
            "Bytes of a shard, into as many of which max_querier_bytes_read takes a query for cut");
  add("tsdb_sharding_strategy", &l->tsdb_sharding_strategy, "limits.tsdb-sharding-strategy",
      "Whether that many shards are a power of two (power_of_two) or any number (bounded)");
  add("shard_aggregations", &l->shard_aggregations, "limits.shard_aggregations",
      "Functions that max_querier_bytes_read takes for cut into shards besides the usual ones; "
      "approx_topk is refused unless it is among them");
  add("max_streams_matchers_per_query", &l->max_streams_matchers_per_query,
      "querier.max-streams-matcher-per-query", "Matchers in a query's selectors");
  add("max_concurrent_tail_requests", &l->max_concurrent_tail_requests,
      "querier.max-concurrent-tail-requests", "Live tails of a tenant at once");
  add("max_entries_limit_per_query", &l->max_entries_limit_per_query,
      "validation.max-entries-limit", "Lines that a log query may ask for; 0 for no bound");
  add("query_timeout", &l->query_timeout, "querier.query-timeout", "Time that a query may take");
  add("split_queries_by_interval", &l->split_queries_by_interval,
      "querier.split-queries-by-interval",
      "Above 0, the points of metric queries are aligned to their step");
  add("engine_results_cache_time_bucket_interval", &l->engine_results_cache_time_bucket_interval,
      "querier.engine-results-cache-time-bucket-interval",
      "Checked, and without effect: results are not kept");
  add.Bytes("max_query_bytes_read", &l->max_query_bytes_read, "frontend.max-query-bytes-read",
            "Bytes that a query may read; 0 for no bound");
  add.Bytes("max_querier_bytes_read", &l->max_querier_bytes_read, "frontend.max-querier-bytes-read",
            "Bytes that a query may read in one querier; 0 for no bound");
  add("volume_enabled", &l->volume_enabled, "limits.volume-enabled",
      "Whether the volume endpoints answer");
  add("volume_max_series", &l->volume_max_series, "limits.volume-max-series",
      "Series of a volume answer");
  add.Node("blocked_queries", &l->blocked_queries, "Queries to refuse");
  add("required_labels", &l->required_labels, "limits.required-labels",
      "Labels that every selector must name");
  add("minimum_labels_number", &l->minimum_labels_number, "limits.minimum-labels-number",
      "Matchers that every selector must have");
  add("logql_extensions", &l->logql_extensions, "querier.logql-extensions",
      "Whether queries may use what Skald adds to LogQL");
  add.Bytes("max_query_held_bytes", &l->max_query_held_bytes, "querier.max-query-held-bytes",
            "Bytes that a query may hold for series, samples and entries; 0 for no bound");
}

void AddLater(Adder& add, Limits* l) {
  add("deletion_mode", &l->deletion_mode, "compactor.deletion-mode",
      "disabled, filter-only or filter-and-delete");
  add("retention_period", &l->retention_period, "store.retention",
      "Age at which lines are removed; 0 keeps them");
  add.Node("retention_stream", &l->retention_stream, "Retention of single streams by selector");
  add("ruler_max_rules_per_rule_group", &l->ruler_max_rules_per_rule_group,
      "ruler.max-rules-per-rule-group", "Rules in a group; 0 for no bound");
  add("ruler_max_rule_groups_per_tenant", &l->ruler_max_rule_groups_per_tenant,
      "ruler.max-rule-groups-per-tenant", "Rule groups of a tenant; 0 for no bound");
  add.Node("ruler_alertmanager_config", &l->ruler_alertmanager_config,
           "Alertmanagers of single tenants: keys of ruler, as alertmanager_url");
  add("ruler_remote_write_disabled", &l->ruler_remote_write_disabled, "-",
      "Whether samples of recording rules are discarded");
  add.Node("ruler_remote_write_config", &l->ruler_remote_write_config,
           "Clients of remote write by name, over those of ruler.remote_write.clients");
  add("metric_aggregation_enabled", &l->metric_aggregation_enabled, "limits.aggregation-enabled",
      "Whether counts of lines and bytes are written back as streams");
  add("pattern_persistence_enabled", &l->pattern_persistence_enabled,
      "limits.pattern-persistence-enabled",
      "Whether counts of patterns are written back as streams");
  add("pattern_persistence_granularity", &l->pattern_persistence_granularity,
      "limits.pattern-persistence-granularity",
      "Time for which the lines of a pattern are written as one count; 0 for ten seconds");
  add("pattern_rate_threshold", &l->pattern_rate_threshold, "limits.pattern-rate-threshold",
      "Lines a second below which a pattern is not written back");
  add("pattern_ingester_tokenizable_json_fields_default",
      &l->pattern_ingester_tokenizable_json_fields_default,
      "limits.pattern-ingester-tokenizable-json-fields",
      "Fields of JSON lines whose text patterns cut into words");
  add("pattern_ingester_tokenizable_json_fields_append",
      &l->pattern_ingester_tokenizable_json_fields_append,
      "limits.pattern-ingester-tokenizable-json-fields-append", "Further such fields");
  add("pattern_ingester_tokenizable_json_fields_delete",
      &l->pattern_ingester_tokenizable_json_fields_delete,
      "limits.pattern-ingester-tokenizable-json-fields-delete", "Fields that are none of them");
}

}  // namespace

void AddLimits(Settings& settings, Limits* limits) {
  Adder add(settings);
  AddIngestion(add, limits);
  AddIngestionRules(add, limits);
  AddQueries(add, limits);
  AddLater(add, limits);
}

void AddOperationalConfig(Settings& settings, OperationalConfig* config) {
  settings.Add("operational_config.log_stream_creation", &config->log_stream_creation,
               "Whether each new stream is logged", "operation-config.log-stream-creation");
  settings.Add("operational_config.log_push_request", &config->log_push_request,
               "Whether each push is logged", "operation-config.log-push-request");
  settings.Add("operational_config.log_push_request_streams", &config->log_push_request_streams,
               "Whether each stream of each push is logged",
               "operation-config.log-push-request-streams");
  settings.Add(
      "operational_config.filter_push_request_streams_ips",
      &config->filter_push_request_streams_ips,
      "Addresses of clients, as X-Forwarded-For has them, of whose pushes alone streams are "
      "logged; empty for all",
      "operation-config.filter-push-request-streams-ips");
  settings.Add("operational_config.log_hash_of_labels", &config->log_hash_of_labels,
               "Whether the log lines of pushes have hashes of the streams' labels",
               "operation-config.log-hash-of-labels");
  settings.Add("operational_config.log_service_name_discovery", &config->log_service_name_discovery,
               "Whether each stream of a push that got its service_name here is logged",
               "operation-config.log-service-name-discovery");
  settings.Add("operational_config.log_duplicate_metrics", &config->log_duplicate_metrics,
               "Whether it is logged how many entries of a push their stream had already",
               "operation-config.log-duplicate-metrics");
  settings.Add("operational_config.log_duplicate_stream_info", &config->log_duplicate_stream_info,
               "Whether streams with such entries are logged",
               "operation-config.log-duplicate-stream-info");
  settings.Add("operational_config.log_otlp_attribute_expansion",
               &config->log_otlp_attribute_expansion,
               "Whether it is logged what attributes of an export over OTLP grow to, as each entry "
               "has those of its resource and scope",
               "operation-config.log-otlp-attribute-expansion");
  settings.Add(
      "operational_config.limited_log_push_errors", &config->limited_log_push_errors,
      "Whether refused pushes are logged only as far as a kilobyte a second has room; off: all",
      "operation-config.limited-log-push-errors");
}

}  // namespace skald
