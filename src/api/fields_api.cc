#include "api/fields_api.h"

#include <string_view>
#include <utility>
#include <variant>

#include "api/error_response.h"
#include "api/json_response.h"
#include "api/query_headers.h"
#include "api/request_params.h"
#include "common/json_writer.h"
#include "logql/parser.h"
#include "querier/detected_fields.h"

namespace skald::api {
namespace {

constexpr uint32_t kDefaultSampleLines = 100;
constexpr uint32_t kDefaultFields = 1000;

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

Result<FieldsApi::Sample> FieldsApi::ReadSample(const net::Request& request) const {
  SKALD_ASSIGN_OR_RETURN(auto tenants, auth_.ForRead(request));
  SKALD_ASSIGN_OR_RETURN(const net::Form params, net::ParseForm(request));
  SKALD_ASSIGN_OR_RETURN(querier::QueryRequest query, ReadRangeQuery(params, clock_.NowNs()));
  query.tenants = std::move(tenants);
  ReadQueryHeaders(request.headers, options_.per_request_limits, query);
  query.categorize_labels = true;
  query.direction = model::Direction::kBackward;
  query.interval_ns = 0;
  Sample sample;
  SKALD_ASSIGN_OR_RETURN(sample.limit, ReadLimit(params, "field_limit", kDefaultFields));
  SKALD_ASSIGN_OR_RETURN(sample.limit, ReadLimit(params, "limit", sample.limit));
  SKALD_ASSIGN_OR_RETURN(query.limit, ReadLimit(params, "line_limit", kDefaultSampleLines));
  SKALD_ASSIGN_OR_RETURN(const auto expr, logql::Parse(query.text));
  if (!logql::IsLogExpr(*expr)) {
    return InvalidArgument("only log queries have fields, not metric queries");
  }
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

}  // namespace skald::api
