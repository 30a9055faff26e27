#include "querier/query_metrics.h"

#include <string>
#include <vector>

namespace skald::querier {
namespace {

const Gauge& InProgress() {
  static const Gauge gauge = Metrics::GetGauge("loki_query_frontend_queries_in_progress",
                                               "Queries that are being answered.");
  return gauge;
}

// Doubles from `start` on.
std::vector<double> Doubling(double start, int count) {
  std::vector<double> bounds;
  for (double bound = start; static_cast<int>(bounds.size()) < count; bound *= 2) {
    bounds.push_back(bound);
  }
  return bounds;
}

void CountReading(const QueryRecord& record, const MetricLabels& labels, uint64_t bytes) {
  const double seconds = record.summary.exec_seconds;
  if (bytes > 0 && seconds > 0) {
    MetricLabels rate = labels;
    rate.emplace("latency_type", IsSlow(record) ? "slow" : "fast");
    rate.emplace("sharded", record.summary.shards > 1 ? "true" : "false");
    Metrics::GetHistogram("loki_logql_querystats_bytes_processed_per_seconds",
                          "Bytes of lines a second that queries have gone through.",
                          Doubling(50e6, 12), rate)
        .Observe(static_cast<double>(bytes) / seconds);
  }
  Metrics::GetHistogram("loki_logql_querystats_chunk_download_latency_seconds",
                        "Seconds that queries have waited for stored chunks.", Doubling(.25, 6),
                        labels)
      .Observe(static_cast<double>(record.stats.chunks_download_ns.load()) / 1e9);
  Metrics::GetCounter("loki_logql_querystats_downloaded_chunk_total",
                      "Stored chunks that queries have read.", labels)
      .Add(static_cast<double>(record.stats.chunks_downloaded.load()));
}

}  // namespace

void CountQuery(const QueryRecord& record) {
  const std::string range = record.request.instant ? "instant" : "range";
  const MetricLabels labels = {{"status_code", std::string(StatusCodeText(record.status))},
                               {"type", std::string(QueryKindName(record.kind))},
                               {"range", range}};
  const uint64_t bytes = record.stats.head_bytes + record.stats.decompressed_bytes;
  Metrics::GetHistogram("loki_logql_querystats_latency_seconds", "Seconds that queries took.",
                        Doubling(.25, 10), labels)
      .Observe(record.summary.exec_seconds);
  Metrics::GetHistogram("logql_query_duration_seconds", "Seconds that queries took, by type.",
                        {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}, {{"query_type", range}})
      .Observe(record.summary.exec_seconds);
  CountReading(record, labels, bytes);
  Metrics::GetCounter("loki_logql_querystats_bytes_processed_total",
                      "Bytes of lines that queries have gone through.",
                      {{"tenant", record.request.tenants.front().value()}})
      .Add(static_cast<double>(bytes));
  Metrics::GetCounter("loki_logql_querystats_duplicates_total",
                      "Entries that queries have found more than once.")
      .Add(static_cast<double>(record.stats.duplicates.load()));
  Metrics::GetCounter("loki_logql_querystats_ingester_sent_lines_total",
                      "Lines that ingesters have sent for queries.")
      .Add(static_cast<double>(record.stats.ingester_lines.load()));
}

void CountUse(const std::string& tenant, double seconds, const model::ScanStats& stats) {
  const MetricLabels labels = {{"user", tenant}};
  Metrics::GetCounter("loki_query_seconds_total", "Seconds that a tenant's queries took.", labels)
      .Add(seconds);
  Metrics::GetCounter("loki_query_fetched_series_total", "Streams that a tenant's queries read.",
                      labels)
      .Add(static_cast<double>(stats.streams.load()));
  Metrics::GetCounter("loki_query_fetched_chunks_bytes_total",
                      "Bytes of chunks, as they are stored, that a tenant's queries read.", labels)
      .Add(static_cast<double>(stats.compressed_bytes.load()));
}

void CountFailure(std::string_view category) {
  Metrics::GetCounter("loki_logql_querystats_failed_query_usage_recorded_total",
                      "Queries that have failed, by why.", {{"category", std::string(category)}})
      .Add();
}

std::string_view StatusCodeText(const Status& status) {
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
    case StatusCode::kUnavailable:
      return "503";
    case StatusCode::kDeadlineExceeded:
      return "504";
    default:
      return "500";
  }
}

QueryInProgress::QueryInProgress() { InProgress().Add(1); }

QueryInProgress::~QueryInProgress() { InProgress().Add(-1); }

}  // namespace skald::querier
