#include "api/explain_api.h"

#include <string_view>
#include <utility>

#include "api/error_response.h"
#include "api/json_response.h"
#include "api/query_headers.h"
#include "api/request_params.h"
#include "common/json_writer.h"
#include "logql/parser.h"
#include "logql/plan/plan_printer.h"

namespace skald::api {
namespace {

enum class Format { kJson, kText };

Result<Format> ReadFormat(const net::Request& request, const net::Form& params) {
  const std::string_view format = params.Get("format");
  if (format.empty()) {
    return request.headers.HasToken("Accept", "text/plain") ? Format::kText : Format::kJson;
  }
  if (format != "json" && format != "text") {
    return InvalidArgument("invalid format '" + std::string(format) + "', expected json or text");
  }
  return format == "text" ? Format::kText : Format::kJson;
}

net::Response ShowPlan(const logql::QueryPlan& plan, Format format) {
  if (format == Format::kText) {
    net::Response response = net::TextResponse(200, logql::PrintPlan(plan));
    response.compressible = true;
    return response;
  }
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  json.Key("status");
  json.String("success");
  json.Key("data");
  logql::AppendPlanJson(plan, json);
  json.EndObject();
  body.push_back('\n');
  return JsonResponse(std::move(body));
}

}  // namespace

ExplainApi::ExplainApi(const Options& options, const TenantAuth& auth, querier::Querier& querier,
                       const Clock& clock)
    : options_(options), auth_(auth), querier_(querier), clock_(clock) {}

net::Response ExplainApi::Explain(net::Request& request) {
  Result<net::Response> answer = Answer(request);
  return answer.ok() ? *std::move(answer) : ErrorResponse(answer.status(), Audience::kReader);
}

Result<net::Response> ExplainApi::Answer(const net::Request& request) const {
  SKALD_ASSIGN_OR_RETURN(auto tenants, auth_.ForRead(request));
  SKALD_ASSIGN_OR_RETURN(const net::Form params, net::ParseForm(request));
  SKALD_ASSIGN_OR_RETURN(const Format format, ReadFormat(request, params));
  SKALD_ASSIGN_OR_RETURN(querier::QueryRequest query,
                         params.Get("time").empty() ? ReadRangeQuery(params, clock_.NowNs())
                                                    : ReadInstantQuery(params, clock_.NowNs()));
  query.tenants = std::move(tenants);
  ReadQueryHeaders(request, options_.per_request_limits, query);
  SKALD_ASSIGN_OR_RETURN(const auto expr, logql::Parse(query.text));
  model::ScanContext context;
  context.cancel = request.cancel;
  SKALD_ASSIGN_OR_RETURN(const logql::QueryPlan plan,
                         querier_.Explain(std::move(query), expr, context));
  return ShowPlan(plan, format);
}

}  // namespace skald::api
