#include "querier/query_log.h"

#include <string>
#include <string_view>
#include <vector>

#include "common/duration.h"
#include "common/logging.h"
#include "common/metrics.h"

namespace skald::querier {
namespace {

// Above this a query counts as slow, in seconds.
constexpr double kSlowSeconds = 10;

std::string_view StatusText(const Status& status) {
  switch (status.code()) {
    case StatusCode::kOk:
      return "200";
    case StatusCode::kInvalidArgument:
    case StatusCode::kResourceExhausted:
      return "400";
    case StatusCode::kFailedPrecondition:
      return "429";
    case StatusCode::kCancelled:
      return "499";
    case StatusCode::kDeadlineExceeded:
      return "504";
    default:
      return "500";
  }
}

uint32_t QueryHash(std::string_view text) {
  uint32_t hash = 2166136261u;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  }
  return hash;
}

// "1.2MB"
std::string Bytes(double bytes) { return FormatHumanBytes(static_cast<uint64_t>(bytes)); }

std::string Go(int64_t ns) { return FormatGoDuration(Nanoseconds(ns)); }

void Count(const QueryRecord& record, uint64_t bytes) {
  const MetricLabels labels = {{"status_code", std::string(StatusText(record.status))},
                               {"type", std::string(QueryKindName(record.kind))},
                               {"range", record.request.instant ? "instant" : "range"}};
  Metrics::GetHistogram("loki_logql_querystats_latency_seconds", "Seconds that queries took.",
                        {.25, .5, 1, 2, 4, 8, 16, 32, 64, 128}, labels)
      .Observe(record.summary.exec_seconds);
  Metrics::GetCounter("loki_logql_querystats_downloaded_chunk_total",
                      "Stored chunks that queries have read.", labels)
      .Add(static_cast<double>(record.stats.chunks_downloaded.load()));
  Metrics::GetCounter("loki_logql_querystats_bytes_processed_total",
                      "Bytes of lines that queries have gone through.",
                      {{"tenant", record.request.tenants.front().value()}})
      .Add(static_cast<double>(bytes));
  Metrics::GetCounter("loki_logql_querystats_duplicates_total",
                      "Entries that queries have found more than once.")
      .Add(static_cast<double>(record.stats.duplicates.load()));
}

}  // namespace

void LogQuery(const QueryRecord& record) {
  const QueryRequest& request = record.request;
  const model::ScanStats& stats = record.stats;
  const uint64_t bytes = stats.head_bytes + stats.decompressed_bytes;
  const uint64_t lines = stats.head_lines + stats.decompressed_lines;
  Count(record, bytes);
  if (GetLogLevel() > LogLevel::kInfo) {
    return;
  }
  const double seconds = record.summary.exec_seconds;
  const double per_second = seconds > 0 ? 1 / seconds : 0;
  std::string tags;
  for (const auto& [name, value] : request.tags) {
    tags.append(tags.empty() ? "" : ",").append(name).append("=").append(value);
  }
  LogInfo(
      "query",
      {{"component", "frontend"},
       {"org_id", request.tenants.front().value()},
       {"latency", seconds > kSlowSeconds ? "slow" : "fast"},
       {"user_agent", request.user_agent},
       {"query", request.text},
       {"query_hash", QueryHash(request.text)},
       {"query_type", QueryKindName(record.kind)},
       {"range_type", request.instant ? "instant" : "range"},
       {"length", Go(request.instant ? 0 : request.end_ns - request.start_ns)},
       {"start_delta", Go(record.now_ns - request.start_ns)},
       {"end_delta", Go(record.now_ns - request.end_ns)},
       {"step", Go(request.step_ns)},
       {"duration", Go(static_cast<int64_t>(seconds * 1e9))},
       {"status", StatusText(record.status)},
       {"limit", request.limit},
       {"returned_lines", record.summary.entries_returned},
       {"throughput", Bytes(static_cast<double>(bytes) * per_second)},
       {"total_bytes", Bytes(static_cast<double>(bytes))},
       {"total_bytes_structured_metadata",
        Bytes(static_cast<double>(stats.head_metadata_bytes + stats.decompressed_metadata_bytes))},
       {"lines_per_second", static_cast<uint64_t>(static_cast<double>(lines) * per_second)},
       {"total_lines", lines},
       {"post_filter_lines", stats.post_filter_lines.load()},
       {"splits", record.summary.splits},
       {"shards", record.summary.shards},
       {"ingester_requests", stats.ingesters_reached.load()},
       {"index_total_chunks", stats.chunk_refs.load()},
       {"blocks_skipped", stats.blocks_skipped.load()},
       {"index_total_streams", stats.streams.load()},
       {"tags", tags}});
}

}  // namespace skald::querier
