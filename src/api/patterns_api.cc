#include "api/patterns_api.h"

#include <string>

#include "api/error_response.h"
#include "api/metadata_params.h"
#include "api/request_params.h"
#include "common/json_writer.h"
#include "logql/parser.h"

namespace skald::api {
namespace {

void AppendSeries(const patterns::PatternSeries& series, JsonWriter& json) {
  json.BeginObject();
  json.Key("pattern");
  json.String(series.pattern);
  json.Key("level");
  json.String(series.level);
  json.Key("samples");
  json.BeginArray();
  for (const patterns::PatternSample& sample : series.samples) {
    json.BeginArray();
    json.Int(sample.seconds);
    json.Uint(sample.count);
    json.EndArray();
  }
  json.EndArray();
  json.EndObject();
}

}  // namespace

PatternsApi::PatternsApi(const Options& options, const TenantAuth& auth,
                         const querier::PatternQuery& patterns, const Clock& clock)
    : options_(options), auth_(auth), patterns_(patterns), clock_(clock) {}

net::Response PatternsApi::Patterns(net::Request& request) {
  if (!patterns_.enabled()) {
    // Compat: what labels must be named comes first.
    if (const Status status = CheckLabels(request); !status.ok()) {
      return ErrorResponse(status, Audience::kReader);
    }
    net::Response response;
    response.status = 404;
    return response;
  }
  MetadataLog log("patterns", request, clock_);
  return log.Answer(PatternsBody(request, log));
}

Status PatternsApi::CheckLabels(const net::Request& request) const {
  const auto params = net::ParseForm(request);
  if (!params.ok()) return Status();
  const auto metadata =
      ReadMetadataRequest(request, *params, auth_, options_.per_request_limits, clock_.NowNs());
  const auto matchers = logql::ParseSelector(params->Get("query"));
  return metadata.ok() && matchers.ok() ? patterns_.CheckLabels(*metadata, *matchers) : Status();
}

Result<std::string> PatternsApi::PatternsBody(const net::Request& request, MetadataLog& log) const {
  SKALD_ASSIGN_OR_RETURN(const net::Form params, net::ParseForm(request));
  SKALD_ASSIGN_OR_RETURN(const auto metadata, log.Read(params, auth_, options_.per_request_limits));
  SKALD_ASSIGN_OR_RETURN(const int64_t step_ns, ReadStep(params, {.start_ns = metadata.start_ns,
                                                                  .end_ns = metadata.end_ns}));
  SKALD_ASSIGN_OR_RETURN(const model::Matchers matchers, logql::ParseSelector(params.Get("query")));
  SKALD_ASSIGN_OR_RETURN(const querier::PatternAnswer found,
                         patterns_.Patterns(metadata, matchers, step_ns));
  log.SetEntries(found.patterns.size());
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  json.Key("status");
  json.String("success");
  json.Key("data");
  json.BeginArray();
  for (const patterns::PatternSeries& series : found.patterns) AppendSeries(series, json);
  json.EndArray();
  if (!found.warnings.empty()) {
    json.Key("warnings");
    json.BeginArray();
    for (const std::string& warning : found.warnings) json.String(warning);
    json.EndArray();
  }
  json.EndObject();
  body.push_back('\n');
  return body;
}

}  // namespace skald::api
