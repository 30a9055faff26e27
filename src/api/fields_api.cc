#include "api/fields_api.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "api/field_stats_json.h"
#include "api/json_response.h"
#include "api/query_headers.h"
#include "api/request_params.h"
#include "common/json_writer.h"
#include "common/split.h"
#include "logql/parser.h"
#include "querier/detected_fields.h"

namespace skald::api {
namespace {

constexpr uint32_t kDefaultSampleLines = 100;
constexpr uint32_t kDefaultFields = 1000;
// Of /api/v1/field_stats, whose answers are for people to look at.
constexpr uint32_t kDefaultTop = 10;
constexpr uint32_t kDefaultStatsFields = 100;
constexpr uint32_t kMaxStatsItems = 1000;

void AppendStrings(std::string_view key, const std::vector<std::string>& texts, JsonWriter& json) {
  json.Key(key);
  json.BeginArray();
  for (const std::string& text : texts) {
    json.String(text);
  }
  json.EndArray();
}

void AppendField(const querier::DetectedField& field, JsonWriter& json) {
  json.BeginObject();
  json.Key("label");
  json.String(field.name);
  json.Key("type");
  json.String(logql::ValueTypeName(field.type));
  json.Key("cardinality");
  json.Uint(field.cardinality);
  json.Key("parsers");
  if (!field.json && !field.logfmt) {
    json.Null();  // Logs Drilldown knows structured metadata by it.
  } else {
    json.BeginArray();
    if (field.json) {
      json.String("json");
    }
    if (field.logfmt) {
      json.String("logfmt");
    }
    json.EndArray();
  }
  if (!field.json_path.empty()) {
    AppendStrings("jsonPath", field.json_path, json);
  }
  json.EndObject();
}

// A positive number up to kMaxStatsItems.
Result<size_t> ReadStatsLimit(const net::Form& params, std::string_view name, uint32_t fallback) {
  SKALD_ASSIGN_OR_RETURN(const uint32_t value, ReadLimit(params, name, fallback));
  if (value > kMaxStatsItems) {
    return InvalidArgument("'" + std::string(name) + "' must be at most " +
                           std::to_string(kMaxStatsItems));
  }
  return size_t{value};
}

// The names in `fields`, which may be given more than once, each a list with commas.
std::vector<std::string> ReadFieldNames(const net::Form& params) {
  std::vector<std::string> names;
  for (const std::string_view text : params.GetAll("fields")) {
    for (const std::string_view name : SplitAtCommas(text)) {
      if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) {
        names.emplace_back(name);
      }
    }
  }
  return names;
}

Result<logql::FieldQuestion> ReadQuestion(const net::Form& params) {
  logql::FieldQuestion question;
  question.fields = ReadFieldNames(params);
  if (question.fields.size() > kMaxStatsItems) {
    return InvalidArgument("'fields' must name at most " + std::to_string(kMaxStatsItems));
  }
  SKALD_ASSIGN_OR_RETURN(question.top, ReadStatsLimit(params, "top", kDefaultTop));
  SKALD_ASSIGN_OR_RETURN(question.max_fields, ReadStatsLimit(params, "limit", kDefaultStatsFields));
  const std::string_view parser = params.Get("parser");
  if (!parser.empty() && parser != "auto" && parser != "none") {
    return InvalidArgument("'parser' must be 'auto' or 'none'");
  }
  question.parse_lines = parser != "none";
  return question;
}

}  // namespace

FieldsApi::FieldsApi(const Options& options, const TenantAuth& auth, querier::Querier& querier,
                     const Clock& clock)
    : options_(options), auth_(auth), querier_(querier), clock_(clock) {}

net::Response FieldsApi::DetectedFields(net::Request& request) {
  return Answer(DetectedFieldsBody(request));
}

net::Response FieldsApi::DetectedFieldValues(net::Request& request) {
  return Answer(DetectedFieldValuesBody(request));
}

net::Response FieldsApi::FieldStats(net::Request& request) {
  return Answer(FieldStatsBody(request));
}

Result<querier::QueryRequest> FieldsApi::ReadQuery(const net::Request& request,
                                                   const net::Form& params) const {
  SKALD_ASSIGN_OR_RETURN(auto tenants, auth_.ForRead(request));
  SKALD_ASSIGN_OR_RETURN(querier::QueryRequest query, ReadRangeQuery(params, clock_.NowNs()));
  query.tenants = std::move(tenants);
  ReadQueryHeaders(request, options_.per_request_limits, query);
  // The querier knows whether the tenant may use extensions.
  SKALD_ASSIGN_OR_RETURN(
      const auto expr,
      logql::Parse(query.text, {.empty_selector = logql::EmptySelector::kAllowed}));
  if (!logql::IsLogExpr(*expr)) {
    return InvalidArgument("only log queries have fields, not metric queries");
  }
  return query;
}

Result<FieldsApi::Sample> FieldsApi::ReadSample(const net::Request& request) const {
  SKALD_ASSIGN_OR_RETURN(const net::Form params, net::ParseForm(request));
  SKALD_ASSIGN_OR_RETURN(querier::QueryRequest query, ReadQuery(request, params));
  query.categorize_labels = true;
  query.direction = model::Direction::kBackward;
  query.interval_ns = 0;
  Sample sample;
  SKALD_ASSIGN_OR_RETURN(sample.limit, ReadLimit(params, "field_limit", kDefaultFields));
  SKALD_ASSIGN_OR_RETURN(sample.limit, ReadLimit(params, "limit", sample.limit));
  SKALD_ASSIGN_OR_RETURN(query.limit, ReadLimit(params, "line_limit", kDefaultSampleLines));
  model::ScanContext context;
  context.cancel = request.cancel;
  SKALD_ASSIGN_OR_RETURN(model::QueryResult result, querier_.Run(std::move(query), context));
  sample.streams = std::get<model::Streams>(std::move(result.data));
  return sample;
}

Result<std::string> FieldsApi::DetectedFieldsBody(const net::Request& request) const {
  SKALD_ASSIGN_OR_RETURN(const Sample sample, ReadSample(request));
  const auto fields = querier::DetectFields(sample.streams, sample.limit);
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  if (!fields.empty()) {
    json.Key("fields");
    json.BeginArray();
    for (const querier::DetectedField& field : fields) {
      AppendField(field, json);
    }
    json.EndArray();
    json.Key("limit");
    json.Uint(sample.limit);
  }
  json.EndObject();
  body.push_back('\n');
  return body;
}

Result<std::string> FieldsApi::DetectedFieldValuesBody(const net::Request& request) const {
  SKALD_ASSIGN_OR_RETURN(const Sample sample, ReadSample(request));
  const auto values =
      querier::DetectFieldValues(sample.streams, request.PathParam("name"), sample.limit);
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  if (!values.empty()) {
    AppendStrings("values", values, json);
    json.Key("limit");
    json.Uint(sample.limit);
  }
  json.EndObject();
  body.push_back('\n');
  return body;
}

Result<std::string> FieldsApi::FieldStatsBody(const net::Request& request) const {
  SKALD_ASSIGN_OR_RETURN(const net::Form params, net::ParseForm(request));
  SKALD_ASSIGN_OR_RETURN(querier::QueryRequest query, ReadQuery(request, params));
  SKALD_ASSIGN_OR_RETURN(logql::FieldQuestion question, ReadQuestion(params));
  model::ScanContext context;
  context.cancel = request.cancel;
  SKALD_ASSIGN_OR_RETURN(const querier::FieldStatsAnswer answer,
                         querier_.FieldStats(std::move(query), std::move(question), context));
  std::string body;
  AppendFieldStatsResponse(answer, context.stats, body);
  return body;
}

}  // namespace skald::api
