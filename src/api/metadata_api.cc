#include "api/metadata_api.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/cardinality_json.h"
#include "api/request_params.h"
#include "common/json_writer.h"
#include "logql/parser.h"
#include "wire/result_json.h"

namespace skald::api {
namespace {

constexpr uint32_t kDefaultCardinalityRows = 20;
constexpr uint32_t kMaxCardinalityRows = 1000;

// The optional selector of the label endpoints.
Result<model::Matchers> ReadSelector(const net::Form& params) {
  const std::string_view text = params.Get("query");
  if (text.empty()) {
    return model::Matchers();
  }
  return logql::ParseSelector(text);
}

// The selectors of `match` and `match[]`; none for every stream.
Result<std::vector<model::Matchers>> ReadMatches(const net::Form& params) {
  std::vector<std::string_view> texts = params.GetAll("match[]");
  for (const std::string_view text : params.GetAll("match")) {
    texts.push_back(text);
  }
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  std::vector<model::Matchers> selectors;
  if (texts.size() == 1 && texts.front() == "{}") {
    return selectors;
  }
  for (const std::string_view text : texts) {
    SKALD_ASSIGN_OR_RETURN(model::Matchers matchers, logql::ParseSelector(text));
    selectors.push_back(std::move(matchers));
  }
  return selectors;
}

// As they were sent, for the log.
std::string JoinMatches(const net::Form& params) {
  std::string joined;
  for (const std::string_view name : {"match", "match[]"}) {
    for (const std::string_view text : params.GetAll(name)) {
      if (!joined.empty()) joined.push_back(':');
      joined.append(text);
    }
  }
  return joined;
}

}  // namespace

MetadataApi::MetadataApi(const Options& options, const TenantAuth& auth,
                         const querier::MetadataQuery& query, const Clock& clock)
    : options_(options), auth_(auth), query_(query), clock_(clock) {}

net::Response MetadataApi::Labels(net::Request& request) {
  MetadataLog log("labels", request, clock_);
  log.Add("label", "");
  return log.Answer(LabelsBody(request, log));
}

net::Response MetadataApi::LabelValues(net::Request& request) {
  MetadataLog log("labels", request, clock_);
  log.Add("label", request.PathParam("name"));
  return log.Answer(LabelValuesBody(request, log));
}

net::Response MetadataApi::Series(net::Request& request) {
  MetadataLog log("series", request, clock_);
  return log.Answer(SeriesBody(request, log));
}

net::Response MetadataApi::DetectedLabels(net::Request& request) {
  MetadataLog log("detected_labels", request, clock_);
  return log.Answer(DetectedLabelsBody(request, log));
}

net::Response MetadataApi::Cardinality(net::Request& request) {
  MetadataLog log("cardinality", request, clock_);
  return log.Answer(CardinalityBody(request, log));
}

Result<std::string> MetadataApi::LabelsBody(const net::Request& request, MetadataLog& log) const {
  SKALD_ASSIGN_OR_RETURN(const net::Form params, net::ParseForm(request));
  SKALD_ASSIGN_OR_RETURN(auto metadata,
                         log.Read(params, auth_, options_.reader.per_request_limits));
  SKALD_ASSIGN_OR_RETURN(const model::Matchers matchers, ReadSelector(params));
  SKALD_ASSIGN_OR_RETURN(const auto names, query_.LabelNames(std::move(metadata), matchers));
  log.SetEntries(names.size());
  std::string body;
  wire::AppendLabelsResponse(names, body);
  return body;
}

Result<std::string> MetadataApi::LabelValuesBody(const net::Request& request,
                                                 MetadataLog& log) const {
  SKALD_ASSIGN_OR_RETURN(const net::Form params, net::ParseForm(request));
  SKALD_ASSIGN_OR_RETURN(auto metadata,
                         log.Read(params, auth_, options_.reader.per_request_limits));
  SKALD_ASSIGN_OR_RETURN(const model::Matchers matchers, ReadSelector(params));
  metadata = query_.WithinQueryTime(std::move(metadata));
  const CancelToken cancel = metadata.cancel;
  SKALD_ASSIGN_OR_RETURN(
      const auto values,
      query_.LabelValues(std::move(metadata), std::string(request.PathParam("name")), matchers));
  log.SetEntries(values.size());
  std::string body;
  SKALD_RETURN_IF_ERROR(wire::AppendLabelsResponse(values, {cancel, options_.workers}, body));
  return body;
}

Result<std::string> MetadataApi::SeriesBody(const net::Request& request, MetadataLog& log) const {
  SKALD_ASSIGN_OR_RETURN(const net::Form params, net::ParseForm(request));
  SKALD_ASSIGN_OR_RETURN(auto metadata,
                         log.Read(params, auth_, options_.reader.per_request_limits));
  SKALD_ASSIGN_OR_RETURN(const auto selectors, ReadMatches(params));
  log.Add("match", JoinMatches(params));
  metadata = query_.WithinQueryTime(std::move(metadata));
  const CancelToken cancel = metadata.cancel;
  SKALD_ASSIGN_OR_RETURN(const auto series, query_.Series(std::move(metadata), selectors));
  log.SetEntries(series.size());
  std::string body;
  SKALD_RETURN_IF_ERROR(wire::AppendSeriesResponse(series, {cancel, options_.workers}, body));
  return body;
}

Result<std::string> MetadataApi::DetectedLabelsBody(const net::Request& request,
                                                    MetadataLog& log) const {
  SKALD_ASSIGN_OR_RETURN(const net::Form params, net::ParseForm(request));
  SKALD_ASSIGN_OR_RETURN(const auto metadata,
                         log.Read(params, auth_, options_.reader.per_request_limits));
  SKALD_ASSIGN_OR_RETURN(const model::Matchers matchers, ReadSelector(params));
  SKALD_ASSIGN_OR_RETURN(const auto labels, query_.DetectedLabels(metadata, matchers));
  log.SetEntries(labels.size());
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  if (!labels.empty()) {
    json.Key("detectedLabels");
    json.BeginArray();
    for (const querier::DetectedLabel& label : labels) {
      json.BeginObject();
      json.Key("label");
      json.String(label.name);
      json.Key("cardinality");
      json.Uint(label.cardinality);
      json.EndObject();
    }
    json.EndArray();
  }
  json.EndObject();
  body.push_back('\n');
  return body;
}

Result<std::string> MetadataApi::CardinalityBody(const net::Request& request,
                                                 MetadataLog& log) const {
  SKALD_ASSIGN_OR_RETURN(const net::Form params, net::ParseForm(request));
  SKALD_ASSIGN_OR_RETURN(const auto metadata,
                         log.Read(params, auth_, options_.reader.per_request_limits));
  SKALD_ASSIGN_OR_RETURN(const auto selectors, ReadMatches(params));
  log.Add("match", JoinMatches(params));
  SKALD_ASSIGN_OR_RETURN(const uint32_t limit, ReadLimit(params, "limit", kDefaultCardinalityRows));
  if (limit > kMaxCardinalityRows) {
    return InvalidArgument("limit must be at most " + std::to_string(kMaxCardinalityRows));
  }
  SKALD_ASSIGN_OR_RETURN(const auto cardinality, query_.CountLabels(metadata, selectors, limit));
  log.SetEntries(cardinality.total.streams);
  std::string body;
  AppendCardinality(cardinality, body);
  return body;
}

}  // namespace skald::api
