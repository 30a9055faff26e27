#include "api/query_api.h"

#include <string>
#include <string_view>
#include <utility>

#include "api/error_response.h"
#include "api/json_response.h"
#include "api/query_headers.h"
#include "api/request_params.h"
#include "common/json_writer.h"
#include "logql/parser.h"
#include "logql/printer.h"
#include "wire/result_json.h"

namespace skald::api {
namespace {

// Where the text alone counts: whether the tenant may run it is seen when it does.
constexpr logql::ParseOptions kAnyQuery = {.extensions = logql::Extensions::kOn,
                                           .empty_selector = logql::EmptySelector::kAllowed};

}  // namespace

QueryApi::QueryApi(const Options& options, const TenantAuth& auth, querier::Querier& querier,
                   const Clock& clock)
    : options_(options), auth_(auth), querier_(querier), clock_(clock) {}

net::Response QueryApi::Query(net::Request& request) { return Run(request, Form::kInstant); }

net::Response QueryApi::QueryRange(net::Request& request) { return Run(request, Form::kRange); }

net::Response QueryApi::LegacyQuery(net::Request& request) { return Run(request, Form::kLegacy); }

Result<querier::QueryRequest> QueryApi::ReadRequest(const net::Request& request, Form form) const {
  if (request.headers.HasToken("Accept", "application/vnd.apache.parquet")) {
    return InvalidArgument(
        "support for Parquet encoded responses is disabled. Enable with "
        "-frontend.support-parquet-encoding=true");
  }
  SKALD_ASSIGN_OR_RETURN(auto tenants, auth_.ForRead(request));
  SKALD_ASSIGN_OR_RETURN(const net::Form params, net::ParseForm(request));
  SKALD_ASSIGN_OR_RETURN(querier::QueryRequest query, form == Form::kInstant
                                                          ? ReadInstantQuery(params, clock_.NowNs())
                                                          : ReadRangeQuery(params, clock_.NowNs()));
  query.tenants = std::move(tenants);
  ReadQueryHeaders(request, options_.per_request_limits, query);
  if (form == Form::kLegacy) {
    query.encoding_flags.clear();
    query.categorize_labels = false;
    query.parsed_beside = true;
    if (const std::string_view regexp = params.Get("regexp"); !regexp.empty()) {
      query.text += " |~ ";
      AppendGoQuoted(query.text, regexp);
    }
    SKALD_ASSIGN_OR_RETURN(const auto expr, logql::Parse(query.text, kAnyQuery));
    if (!logql::IsLogExpr(*expr)) {
      return InvalidArgument("legacy endpoints only support streams result type");
    }
  }
  return query;
}

net::Response QueryApi::Run(net::Request& request, Form form) {
  auto query = ReadRequest(request, form);
  if (!query.ok()) {
    return ErrorResponse(query.status(), Audience::kReader);
  }
  model::ScanContext context;
  context.cancel = request.cancel;
  const auto result = querier_.Run(*std::move(query), context);
  if (!result.ok()) {
    return ErrorResponse(result.status(), Audience::kReader);
  }
  std::string body;
  if (form == Form::kLegacy) {
    wire::AppendLegacyQueryResponse(*result, context.stats, body);
  } else {
    wire::AppendQueryResponse(*result, context.stats, body);
  }
  return JsonResponse(std::move(body));
}

net::Response QueryApi::FormatQuery(net::Request& request) {
  const auto params = net::ParseForm(request);
  if (!params.ok()) {
    return ErrorResponse(params.status(), Audience::kReader);
  }
  const auto expr = logql::Parse(params->Get("query"), kAnyQuery);
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  json.Key("status");
  json.String(expr.ok() ? "success" : "invalid-query");
  json.Key(expr.ok() ? "data" : "error");
  json.String(expr.ok() ? logql::PrettyPrint(**expr) : std::string(expr.status().message()));
  json.EndObject();
  body.push_back('\n');
  net::Response response = JsonResponse(std::move(body), expr.ok() ? 200 : 400);
  // Compat: in lower case here alone, as Loki has it.
  response.headers.Set("Content-Type", "application/json; charset=utf-8");
  return response;
}

}  // namespace skald::api
