#include "querier/query_log.h"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/duration.h"
#include "common/log_fields.h"
#include "querier/query_hash.h"
#include "querier/query_metrics.h"

namespace skald::querier {
namespace {

// "1.2MB"
std::string Bytes(double bytes) { return FormatHumanBytes(static_cast<uint64_t>(bytes)); }

std::string Go(int64_t ns) { return FormatGoDuration(Nanoseconds(ns)); }

std::string Seconds(double seconds) { return Go(static_cast<int64_t>(seconds * 1e9)); }

int64_t Length(const QueryRequest& request) {
  return request.instant ? 0 : request.end_ns - request.start_ns;
}

// Of lines that the query has gone through.
double ReadBytes(const model::ScanStats& stats) {
  return static_cast<double>(stats.head_bytes + stats.decompressed_bytes);
}

using Fields = std::vector<LogField>;

// Whose query it is, and of which trace, if that is known.
void AddOrigin(const QueryRequest& request, Fields& fields) {
  fields.emplace_back("org_id", request.tenants.front().value());
  if (!request.trace_id.empty()) fields.emplace_back("traceID", request.trace_id);
}

void AddTags(const QueryRequest& request, Fields& fields) {
  for (const auto& [name, value] : request.tags) fields.emplace_back(name, value);
}

void AddQuery(const QueryRecord& record, Fields& fields) {
  const QueryRequest& request = record.request;
  fields.insert(fields.end(), {{"latency", IsSlow(record) ? "slow" : "fast"},
                               {"user_agent", request.user_agent},
                               {"query", request.text},
                               {"query_hash", record.hash},
                               {"query_type", QueryKindName(record.kind)},
                               {"range_type", request.instant ? "instant" : "range"},
                               {"length", Go(Length(request))},
                               {"start_delta", TimeBetween(request.start_ns, record.now_ns)},
                               {"end_delta", TimeBetween(request.end_ns, record.now_ns)},
                               {"step", Go(request.step_ns)},
                               {"duration", Seconds(record.summary.exec_seconds)},
                               {"status", StatusCodeText(record.status)},
                               {"limit", request.limit},
                               {"returned_lines", record.summary.entries_returned}});
}

void AddFigures(const QueryRecord& record, Fields& fields) {
  const model::ScanStats& stats = record.stats;
  const model::QuerySummary& summary = record.summary;
  const double bytes = ReadBytes(stats);
  const uint64_t lines = stats.head_lines + stats.decompressed_lines;
  const double per_second = summary.exec_seconds > 0 ? 1 / summary.exec_seconds : 0;
  fields.insert(
      fields.end(),
      {{"throughput", Bytes(bytes * per_second)},
       {"total_bytes", Bytes(bytes)},
       {"total_bytes_structured_metadata",
        Bytes(static_cast<double>(stats.head_metadata_bytes + stats.decompressed_metadata_bytes))},
       {"lines_per_second", static_cast<uint64_t>(static_cast<double>(lines) * per_second)},
       {"total_lines", lines},
       {"post_filter_lines", stats.post_filter_lines.load()},
       {"total_entries", summary.entries_returned},
       {"store_chunks_download_time", Go(static_cast<int64_t>(stats.chunks_download_ns.load()))},
       {"queue_time", Seconds(summary.queue_seconds)},
       {"querier_exec_time", Seconds(summary.exec_seconds)},
       {"splits", summary.splits},
       {"shards", summary.shards},
       {"query_referenced_structured_metadata",
        stats.head_metadata_bytes + stats.decompressed_metadata_bytes > 0},
       {"pipeline_wrapper_filtered_lines", 0},
       {"chunk_refs_fetch_time", Go(static_cast<int64_t>(stats.chunk_refs_fetch_ns.load()))}});
}

// What Loki's caches tell of themselves. The one of blocks here is not counted by query, the others
// are not there; but who adds these fields up over many queries must find numbers.
constexpr std::pair<std::string_view, std::string_view> kCacheFields[] = {
    {"cache_chunk_req", "0"},
    {"cache_chunk_hit", "0"},
    {"cache_chunk_bytes_stored", "0"},
    {"cache_chunk_bytes_fetched", "0"},
    {"cache_chunk_download_time", "0s"},
    {"cache_index_req", "0"},
    {"cache_index_hit", "0"},
    {"cache_index_download_time", "0s"},
    {"cache_stats_results_req", "0"},
    {"cache_stats_results_hit", "0"},
    {"cache_stats_results_download_time", "0s"},
    {"cache_volume_results_req", "0"},
    {"cache_volume_results_hit", "0"},
    {"cache_volume_results_download_time", "0s"},
    {"cache_result_req", "0"},
    {"cache_result_hit", "0"},
    {"cache_result_download_time", "0s"},
    {"cache_result_query_length_served", "0s"},
    {"cache_task_result_req", "0"},
    {"cache_task_result_hit", "0"},
    {"cache_task_result_bytes", "0"},
    {"cache_task_result_download_time", "0s"},
    {"cache_task_result_query_length_served", "0s"},
};

void AddSources(const model::ScanStats& stats, Fields& fields) {
  const uint64_t refs = stats.chunk_refs;
  const uint64_t skipped = refs - std::min<uint64_t>(stats.chunks_downloaded, refs);
  const double skipped_share =
      refs > 0 ? static_cast<double>(skipped) / static_cast<double>(refs) : 0;
  fields.insert(
      fields.end(),
      {{"ingester_chunk_refs", 0},  // Ingesters keep what is stored no longer.
       {"ingester_chunk_downloaded", 0},
       {"ingester_chunk_matches", stats.ingester_chunks.load()},
       {"ingester_requests", stats.ingesters_reached.load()},
       {"ingester_recv_wait_time", Go(static_cast<int64_t>(stats.ingester_wait_ns.load()))},
       {"ingester_chunk_head_bytes", Bytes(static_cast<double>(stats.head_bytes.load()))},
       {"ingester_chunk_compressed_bytes", Bytes(0)},
       {"ingester_chunk_decompressed_bytes", Bytes(0)},
       {"ingester_post_filter_lines", stats.ingester_lines.load()},
       {"congestion_control_latency", "0s"},
       {"index_total_chunks", refs},
       {"index_post_bloom_filter_chunks", stats.chunks_downloaded.load()},
       {"index_bloom_filter_ratio", skipped_share},
       {"index_used_bloom_filters", stats.blocks_skipped > 0},
       {"index_shard_resolver_duration", "0s"},
       {"index_bloom_filter_time", "0s"},
       {"index_chunk_refs_lookup_time", Go(static_cast<int64_t>(stats.chunk_refs_fetch_ns.load()))},
       {"packs_skipped", stats.packs_skipped.load()},
       {"blocks_skipped", stats.blocks_skipped.load()}});
}

std::string_view FailureCategory(const Status& status) {
  switch (status.code()) {
    case StatusCode::kCancelled:
      return "canceled";
    case StatusCode::kDeadlineExceeded:
      return "timeout";
    case StatusCode::kResourceExhausted:
      return "limit";
    case StatusCode::kFailedPrecondition:
      return "throttled";
    case StatusCode::kInvalidArgument:
      return status.message() == "query blocked by policy" ? "blocked" : "user_error";
    case StatusCode::kUnknown:
      return "unknown";
    default:
      return "internal";
  }
}

// What the line of a failed query says besides the query.
struct FailedQuery {
  uint32_t hash = 0;
  std::string_view kind;
  const Status& status;
  double seconds = 0;
  double bytes = 0;
  std::string_view category;
};

void LogFailure(const QueryRequest& request, const FailedQuery& failed) {
  CountFailure(failed.category);
  Fields fields;
  AddOrigin(request, fields);
  fields.insert(fields.end(), {{"query", request.text},
                               {"query_hash", failed.hash},
                               {"query_type", failed.kind},
                               {"range_type", request.instant ? "instant" : "range"},
                               {"length", Go(Length(request))},
                               {"status", StatusCodeText(failed.status)},
                               {"duration", Seconds(failed.seconds)},
                               {"total_bytes", Bytes(failed.bytes)},
                               {"failure_category", failed.category},
                               {"failure_reason", failed.status.message()}});
  LogFields(LogLevel::kInfo, "failed query usage", fields);
}

}  // namespace

std::string TimeBetween(int64_t from_ns, int64_t to_ns) {
  int64_t length_ns = 0;
  if (__builtin_sub_overflow(to_ns, from_ns, &length_ns)) {
    length_ns =
        to_ns > from_ns ? std::numeric_limits<int64_t>::max() : std::numeric_limits<int64_t>::min();
  }
  return Go(length_ns);
}

bool IsSlow(const QueryRecord& record) { return record.summary.exec_seconds > kSlowSeconds; }

void LogQueryStart(const QueryRequest& request, uint32_t hash) {
  if (GetLogLevel() > LogLevel::kDebug) return;
  Fields fields;
  AddOrigin(request, fields);
  fields.insert(fields.end(), {{"query", request.text},
                               {"query_hash", hash},
                               {"type", request.instant ? "instant" : "range"},
                               {"length", Go(Length(request))},
                               {"step", Go(request.step_ns)}});
  AddTags(request, fields);
  LogFields(LogLevel::kDebug, "executing query", fields);
}

void LogSyntaxError(const QueryRequest& request, const Status& status) {
  LogFailure(request, {.hash = QueryHash(request.text), .status = status, .category = "syntax"});
}

void LogQuery(const QueryRecord& record) {
  CountQuery(record);
  if (!record.status.ok()) {
    LogFailure(record.request, {.hash = record.hash,
                                .kind = QueryKindName(record.kind),
                                .status = record.status,
                                .seconds = record.summary.exec_seconds,
                                .bytes = ReadBytes(record.stats),
                                .category = FailureCategory(record.status)});
  }
  if (GetLogLevel() > LogLevel::kInfo) {
    return;
  }
  Fields fields = {{"component", "frontend"}};
  AddOrigin(record.request, fields);
  AddQuery(record, fields);
  AddFigures(record, fields);
  for (const auto& [name, value] : kCacheFields) fields.emplace_back(name, value);
  AddSources(record.stats, fields);
  AddTags(record.request, fields);
  fields.emplace_back("disable_pipeline_wrappers", record.request.disable_pipeline_wrappers);
  fields.emplace_back("has_labelfilter_before_parser", record.filters_before_parsing);
  fields.emplace_back("index_total_streams", record.stats.streams.load());
  if (!record.status.ok()) {
    fields.emplace_back("err", record.status.message());
  }
  LogFields(LogLevel::kInfo, "query", fields);
}

}  // namespace skald::querier
