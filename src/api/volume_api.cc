#include "api/volume_api.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "api/request_params.h"
#include "common/duration.h"
#include "common/json_writer.h"
#include "common/split.h"
#include "logql/parser.h"
#include "wire/result_json.h"
#include "wire/stats_json.h"

namespace skald::api {
namespace {

constexpr uint32_t kDefaultSeries = 100;

Result<querier::VolumeQuestion> ReadQuestion(const net::Form& params) {
  querier::VolumeQuestion question;
  question.limit = kDefaultSeries;
  if (params.Get("limit") != "0") {
    SKALD_ASSIGN_OR_RETURN(question.limit, ReadLimit(params, "limit", kDefaultSeries));
  }
  const std::string_view aggregate_by = params.Get("aggregateBy");
  if (!aggregate_by.empty() && aggregate_by != "series" && aggregate_by != "labels") {
    return InvalidArgument("invalid aggregation option");
  }
  question.by_label_name = aggregate_by == "labels";
  // Compat: blanks count, and so does nothing between two commas.
  for (const std::string_view label : SplitAtCommas(params.Get("targetLabels"))) {
    question.target_labels.emplace_back(label);
  }
  if (params.Get("query") != "{}") {
    SKALD_ASSIGN_OR_RETURN(question.matchers, logql::ParseSelector(params.Get("query")));
  }
  return question;
}

// Compat: step and limit have no effect on a count of streams, but they are checked as those of
// /query_range are.
Status CheckUnused(const net::Form& params, const querier::MetadataRequest& metadata) {
  SKALD_RETURN_IF_ERROR(
      ReadStep(params, {.start_ns = metadata.start_ns, .end_ns = metadata.end_ns}).status());
  return ReadLimit(params, "limit", kDefaultSeries).status();
}

// Compat: a matrix only if some series has more than one point.
model::ResultData DataOf(std::vector<model::Series> series) {
  const bool several = std::any_of(series.begin(), series.end(),
                                   [](const model::Series& one) { return one.points.size() > 1; });
  if (several) {
    return model::Matrix{std::move(series)};
  }
  return model::Vector{std::move(series)};
}

void AppendCounts(const rpc::StreamStats& stats, JsonWriter& json) {
  json.BeginObject();
  json.Key("streams");
  json.Uint(stats.streams);
  json.Key("chunks");
  json.Uint(stats.chunks);
  json.Key("bytes");
  json.Uint(stats.bytes + stats.metadata_volume);
  json.Key("entries");
  json.Uint(stats.entries);
  json.EndObject();
}

// One shard with all there is.
void AppendShard(const rpc::StreamStats& stats, JsonWriter& json) {
  json.BeginObject();
  json.Key("bounds");
  json.BeginObject();
  json.Key("min");
  json.Uint(0);
  json.Key("max");
  json.Uint(std::numeric_limits<uint64_t>::max());
  json.EndObject();
  json.Key("stats");
  AppendCounts(stats, json);
  json.EndObject();
}

}  // namespace

VolumeApi::VolumeApi(const Options& options, const TenantAuth& auth,
                     const querier::VolumeQuery& volume, const querier::MetadataQuery& metadata,
                     const Clock& clock)
    : options_(options), auth_(auth), volume_(volume), metadata_(metadata), clock_(clock) {}

net::Response VolumeApi::Stats(net::Request& request) {
  MetadataLog log("stats", request, clock_);
  return log.Answer(StatsBody(request, log));
}

net::Response VolumeApi::Volume(net::Request& request) {
  MetadataLog log("volume", request, clock_);
  return log.Answer(VolumeBody(request, false, log));
}

net::Response VolumeApi::VolumeRange(net::Request& request) {
  MetadataLog log("volume", request, clock_);
  return log.Answer(VolumeBody(request, true, log));
}

net::Response VolumeApi::Shards(net::Request& request) {
  MetadataLog log("shards", request, clock_);
  return log.Answer(ShardsBody(request, log));
}

Result<std::string> VolumeApi::StatsBody(const net::Request& request, MetadataLog& log) const {
  SKALD_ASSIGN_OR_RETURN(const net::Form params, net::ParseForm(request));
  SKALD_ASSIGN_OR_RETURN(const auto metadata, log.Read(params, auth_, options_.per_request_limits));
  SKALD_RETURN_IF_ERROR(CheckUnused(params, metadata));
  SKALD_ASSIGN_OR_RETURN(const model::Matchers matchers, logql::ParseSelector(params.Get("query")));
  SKALD_ASSIGN_OR_RETURN(const rpc::StreamStats stats, metadata_.Stats(metadata, matchers));
  log.SetEntries(stats.entries);
  std::string body;
  JsonWriter json(body);
  AppendCounts(stats, json);
  body.push_back('\n');
  return body;
}

Result<std::string> VolumeApi::VolumeBody(const net::Request& request, bool buckets,
                                          MetadataLog& log) const {
  SKALD_ASSIGN_OR_RETURN(const net::Form params, net::ParseForm(request));
  SKALD_ASSIGN_OR_RETURN(const auto metadata, log.Read(params, auth_, options_.per_request_limits));
  SKALD_RETURN_IF_ERROR(volume_.CheckEnabled(metadata));
  SKALD_ASSIGN_OR_RETURN(querier::VolumeQuestion question, ReadQuestion(params));
  if (buckets) {
    SKALD_ASSIGN_OR_RETURN(question.step_ns, ReadStep(params, {.start_ns = metadata.start_ns,
                                                               .end_ns = metadata.end_ns}));
  }
  log.AddToTime("range_type", buckets ? "range" : "instant");
  log.AddToTime("step", FormatGoDuration(Nanoseconds(question.step_ns)));
  log.AddToTime("limit", question.limit);
  SKALD_ASSIGN_OR_RETURN(auto series, volume_.Volumes(metadata, question));
  log.SetEntries(series.size());
  model::QueryResult result;
  result.summary.entries_returned = series.size();
  result.data = DataOf(std::move(series));
  std::string body;
  wire::AppendQueryResponse(result, model::ScanStats(), body);
  return body;
}

Result<std::string> VolumeApi::ShardsBody(const net::Request& request, MetadataLog& log) const {
  SKALD_ASSIGN_OR_RETURN(const net::Form params, net::ParseForm(request));
  SKALD_ASSIGN_OR_RETURN(const auto metadata, log.Read(params, auth_, options_.per_request_limits));
  SKALD_RETURN_IF_ERROR(CheckUnused(params, metadata));
  const auto target_bytes = ParseByteSize(params.Get("targetBytesPerShard"));
  if (!target_bytes.ok() || *target_bytes == 0) {
    return InvalidArgument("targetBytesPerShard must be a positive value");
  }
  SKALD_ASSIGN_OR_RETURN(const model::Matchers matchers, logql::ParseSelector(params.Get("query")));
  SKALD_ASSIGN_OR_RETURN(const rpc::StreamStats stats, metadata_.Stats(metadata, matchers));
  log.SetEntries(stats.entries);
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  json.Key("shards");
  json.BeginArray();
  AppendShard(stats, json);
  json.EndArray();
  json.Key("statistics");
  std::string statistics;
  wire::AppendStats({}, model::ScanStats(), statistics);
  json.Raw(statistics);
  json.Key("chunkGroups");
  json.BeginArray();
  json.EndArray();
  json.EndObject();
  body.push_back('\n');
  return body;
}

}  // namespace skald::api
