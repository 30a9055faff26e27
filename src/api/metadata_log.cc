#include "api/metadata_log.h"

#include <utility>

#include "api/json_response.h"
#include "api/metadata_params.h"
#include "api/trace_id.h"
#include "common/duration.h"
#include "common/log_fields.h"
#include "querier/query_hash.h"
#include "querier/query_log.h"
#include "querier/query_metrics.h"
#include "wire/rfc3339.h"

namespace skald::api {
namespace {

std::string Go(int64_t ns) { return FormatGoDuration(Nanoseconds(ns)); }

std::string Time(int64_t time_ns) {
  std::string text;
  wire::AppendRfc3339Nano(text, time_ns);
  return text;
}

// What Loki's caches of answers tell of themselves; there are none here.
struct CacheFields {
  std::string_view query_type;
  std::pair<std::string_view, std::string_view> fields[5];
};
constexpr CacheFields kCaches[] = {
    {"labels",
     {{"cache_label_results_req", "0"},
      {"cache_label_results_hit", "0"},
      {"cache_label_results_stored", "0"},
      {"cache_label_results_download_time", "0s"},
      {"cache_label_results_query_length_served", "0s"}}},
    {"series",
     {{"cache_series_results_req", "0"},
      {"cache_series_results_hit", "0"},
      {"cache_series_results_stored", "0"},
      {"cache_series_results_download_time", "0s"},
      {"cache_series_results_query_length_served", "0s"}}},
    {"volume",
     {{"cache_volume_results_req", "0"},
      {"cache_volume_results_hit", "0"},
      {"cache_volume_results_stored", "0"},
      {"cache_volume_results_download_time", "0s"},
      {"cache_volume_results_query_length_served", "0s"}}},
};

}  // namespace

MetadataLog::MetadataLog(std::string_view query_type, const net::Request& request,
                         const Clock& clock)
    : query_type_(query_type), request_(request), now_ns_(clock.NowNs()) {}

Result<querier::MetadataRequest> MetadataLog::Read(const net::Form& params, const TenantAuth& auth,
                                                   bool per_request_limits) {
  SKALD_ASSIGN_OR_RETURN(auto metadata,
                         ReadMetadataRequest(request_, params, auth, per_request_limits, now_ns_));
  Begin(metadata);
  SetQuery(params.Get("query"));
  return metadata;
}

void MetadataLog::Begin(const querier::MetadataRequest& metadata) { metadata_ = metadata; }

net::Response MetadataLog::Answer(Result<std::string> body) const {
  if (metadata_.has_value() && GetLogLevel() <= LogLevel::kInfo) {
    Write(body.ok() ? Status() : body.status());
  }
  return api::Answer(std::move(body));
}

void MetadataLog::Write(const Status& status) const {
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  const int64_t start_ns = metadata_->start_ns;
  const int64_t end_ns = metadata_->end_ns;
  std::vector<LogField> fields = {{"component", "frontend"},
                                  {"org_id", metadata_->tenants.front().value()}};
  if (const auto trace = TraceIdOf(request_.headers); !trace.empty()) {
    fields.emplace_back("traceID", trace);
  }
  fields.insert(fields.end(), {{"latency", seconds > querier::kSlowSeconds ? "slow" : "fast"},
                               {"query_type", query_type_},
                               {"user_agent", request_.headers.Get("User-Agent")},
                               {"splits", 0},
                               {"start", Time(start_ns)},
                               {"end", Time(end_ns)},
                               {"start_delta", querier::TimeBetween(start_ns, now_ns_)},
                               {"end_delta", querier::TimeBetween(end_ns, now_ns_)}});
  fields.insert(fields.end(), own_of_time_.begin(), own_of_time_.end());
  fields.insert(fields.end(), {{"length", querier::TimeBetween(start_ns, end_ns)},
                               {"duration", Go(static_cast<int64_t>(seconds * 1e9))},
                               {"status", querier::StatusCodeText(status)}});
  fields.insert(fields.end(), own_.begin(), own_.end());
  fields.emplace_back("query", query_);
  fields.emplace_back("query_hash", querier::QueryHash(query_));
  fields.emplace_back("total_entries", entries_);
  for (const CacheFields& cache : kCaches) {
    if (cache.query_type != query_type_) continue;
    for (const auto& [name, value] : cache.fields) fields.emplace_back(name, value);
  }
  if (!status.ok()) fields.emplace_back("err", status.message());
  LogFields(LogLevel::kInfo, "query", fields);
}

}  // namespace skald::api
