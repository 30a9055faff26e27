#include "api/deletes_api.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "api/delete_params.h"
#include "api/error_response.h"
#include "common/json_writer.h"

namespace skald::api {
namespace {

using deletes::DeleteRequest;

constexpr int64_t kMillisecond = 1'000'000;

enum class Form { kApi, kPage };

// Seconds with the fraction that there is: "1700000000", "1700000000.5".
std::string Seconds(int64_t ms) {
  const uint64_t magnitude = ms < 0 ? 0 - static_cast<uint64_t>(ms) : static_cast<uint64_t>(ms);
  std::string text = (ms < 0 ? "-" : "") + std::to_string(magnitude / 1000);
  if (const uint64_t fraction = magnitude % 1000; fraction != 0) {
    std::string digits = std::to_string(1000 + fraction).substr(1);
    digits.erase(digits.find_last_not_of('0') + 1);
    text += "." + digits;
  }
  return text;
}

// Compat: the API has seconds and does not name the tenant, the page milliseconds and does.
void AppendRequest(const DeleteRequest& request, Form form, JsonWriter& json) {
  const auto time = [&](std::string_view name, int64_t ms) {
    json.Key(name);
    json.Raw(form == Form::kApi ? Seconds(ms) : std::to_string(ms));
  };
  json.BeginObject();
  json.Key("request_id");
  json.String(request.id);
  time("start_time", request.start_ms);
  time("end_time", request.end_ms);
  json.Key("query");
  json.String(request.query);
  json.Key("status");
  json.String(deletes::StatusText(request));
  time("created_at", request.created_ns / kMillisecond);
  json.Key("user_id");
  json.String(form == Form::kApi ? std::string_view() : request.tenant.value());
  json.EndObject();
}

std::string RequestsBody(const std::vector<DeleteRequest>& requests, Form form) {
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  for (const DeleteRequest& request : requests) AppendRequest(request, form, json);
  json.EndArray();
  body.push_back('\n');
  return body;
}

net::Response JsonOrError(Result<std::string> body) {
  if (!body.ok()) return ErrorResponse(body.status(), Audience::kWriter);
  return net::MakeResponse(200, "application/json", *std::move(body));
}

net::Response EmptyOrError(const Status& status) {
  return status.ok() ? net::Response{.status = 204} : ErrorResponse(status, Audience::kWriter);
}

Result<net::Form> UrlParams(const net::Request& request) {
  net::Form params;
  SKALD_RETURN_IF_ERROR(net::ParseUrlEncoded(request.query, params));
  return params;
}

}  // namespace

DeletesApi::DeletesApi(const Options& options, const TenantAuth& auth,
                       deletes::RequestStore& requests, const LimitsSource& limits,
                       const Clock& clock)
    : options_(options), auth_(auth), requests_(requests), limits_(limits), clock_(clock) {}

Result<model::TenantId> DeletesApi::Tenant(const net::Request& request) const {
  SKALD_ASSIGN_OR_RETURN(model::TenantId tenant, auth_.ForWrite(request));
  if (limits_.For(tenant.value())->deletion_mode == "disabled") {
    return Status(StatusCode::kPermissionDenied, "deletion is not available for this tenant");
  }
  return tenant;
}

Result<std::string> DeletesApi::CreateRequest(const net::Request& request) const {
  SKALD_ASSIGN_OR_RETURN(const model::TenantId tenant, Tenant(request));
  SKALD_ASSIGN_OR_RETURN(const net::Form params, UrlParams(request));
  SKALD_ASSIGN_OR_RETURN(DeleteRequest wanted,
                         ReadDeleteRequest(params, clock_.NowNs(), options_.max_interval));
  wanted.tenant = tenant;
  SKALD_ASSIGN_OR_RETURN(DeleteRequest taken, requests_.Add(std::move(wanted)));
  return std::move(taken.id);
}

net::Response DeletesApi::Create(net::Request& request) {
  const auto id = CreateRequest(request);
  if (!id.ok()) return ErrorResponse(id.status(), Audience::kWriter);
  net::Response response{.status = 204};
  response.headers.Set("X-Delete-Request-ID", *id);
  return response;
}

Result<std::string> DeletesApi::ListBody(const net::Request& request) const {
  SKALD_ASSIGN_OR_RETURN(const model::TenantId tenant, Tenant(request));
  SKALD_ASSIGN_OR_RETURN(const net::Form params, UrlParams(request));
  std::vector<DeleteRequest> requests = requests_.List(tenant);
  // One of the two alone is ignored.
  if (!params.Get("start").empty() && !params.Get("end").empty()) {
    SKALD_ASSIGN_OR_RETURN(const int64_t start, ReadDeleteTime(params.Get("start"), "start"));
    SKALD_ASSIGN_OR_RETURN(const int64_t end, ReadDeleteTime(params.Get("end"), "end"));
    std::erase_if(requests, [&](const DeleteRequest& one) {
      return one.start_ms > end || one.end_ms < start;
    });
  }
  if (params.Get("for_querytime_filtering") == "true") {
    std::erase_if(requests, deletes::IsProcessed);
  }
  return RequestsBody(requests, Form::kApi);
}

net::Response DeletesApi::List(net::Request& request) { return JsonOrError(ListBody(request)); }

Status DeletesApi::CancelRequest(const net::Request& request) const {
  SKALD_ASSIGN_OR_RETURN(const model::TenantId tenant, Tenant(request));
  SKALD_ASSIGN_OR_RETURN(const net::Form params, UrlParams(request));
  return requests_.Cancel(tenant, params.Get("request_id"), params.Get("force") == "true");
}

net::Response DeletesApi::Cancel(net::Request& request) {
  return EmptyOrError(CancelRequest(request));
}

net::Response DeletesApi::Page(net::Request& request) {
  if (!options_.enabled) return ErrorResponse(400, "Retention is not enabled", Audience::kWriter);
  if (request.method == "POST") return Create(request);
  if (request.method != "GET") return ErrorResponse(405, "Method not allowed", Audience::kWriter);
  const auto params = UrlParams(request);
  if (!params.ok()) return ErrorResponse(params.status(), Audience::kWriter);
  std::vector<DeleteRequest> requests = requests_.ListAll();
  if (const std::string_view status = params->Get("status"); !status.empty()) {
    std::erase_if(requests,
                  [&](const DeleteRequest& one) { return deletes::StatusText(one) != status; });
  }
  std::reverse(requests.begin(), requests.end());
  return JsonOrError(RequestsBody(requests, Form::kPage));
}

net::Response DeletesApi::Generation(net::Request& request) {
  const auto tenant = auth_.ForWrite(request);
  if (!tenant.ok()) return ErrorResponse(tenant.status(), Audience::kWriter);
  return net::TextResponse(200, "\"" + requests_.Generation(*tenant) + "\"\n");
}

net::Response DeletesApi::IncreaseGeneration(net::Request& request) {
  const auto tenant = auth_.ForWrite(request);
  return EmptyOrError(tenant.ok() ? requests_.IncreaseGeneration(*tenant) : tenant.status());
}

}  // namespace skald::api
