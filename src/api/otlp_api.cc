#include "api/otlp_api.h"

#include <string>
#include <utility>

#include "api/error_response.h"
#include "api/push_context.h"
#include "wire/otlp_request.h"

namespace skald::api {
namespace {

constexpr int kTooLarge = 413;

net::Response OtlpError(int http_status, std::string_view message) {
  // Exporters take a 500 for final, and try again after a 503.
  if (http_status == 500) http_status = 503;
  net::Response response{.status = http_status, .body = wire::OtlpErrorBody(message)};
  response.headers.Set("Content-Type", "application/octet-stream");
  return response;
}

net::Response OtlpError(const Status& status) {
  return OtlpError(HttpStatusOf(status.code(), Audience::kWriter), status.message());
}

}  // namespace

net::Response OtlpApi::Logs(net::Request& request) {
  const auto tenant = deps_.auth.ForWrite(request);
  if (!tenant.ok()) {
    // A missing tenant is told in the same words everywhere.
    return tenant.status().code() == StatusCode::kUnauthenticated
               ? ErrorResponse(tenant.status(), Audience::kWriter)
               : OtlpError(tenant.status());
  }
  const auto mapping = deps_.mappings.For(*tenant);
  if (!mapping.ok()) return OtlpError(mapping.status());
  const size_t body_bytes = request.body.size();
  auto batch = wire::DecodeOtlpRequest({.content_type = request.headers.Get("Content-Type"),
                                        .content_encoding = request.headers.Get("Content-Encoding"),
                                        .max_body_bytes = options_.max_body_bytes,
                                        .max_decompressed_bytes = options_.max_decompressed_bytes},
                                       std::move(request.body), **mapping, deps_.clock.NowNs());
  if (!batch.ok()) {
    return batch.status().code() == StatusCode::kResourceExhausted
               ? OtlpError(kTooLarge, batch.status().message())
               : OtlpError(batch.status());
  }
  const distributor::PushContext context = PushContextOf(request, "otlp", body_bytes);
  const distributor::PushReply reply = deps_.distributor.Push(*tenant, context, *std::move(batch));
  if (reply.status.ok()) return net::Response{.status = 204};
  if (reply.status.code() == StatusCode::kPermissionDenied) {
    return OtlpError(reply.blocked_status, reply.status.message());
  }
  return OtlpError(reply.status);
}

net::RouteOptions OtlpApi::route_options() const {
  net::RouteOptions route;
  route.max_body_bytes = options_.max_body_bytes;
  route.on_refused_body = [max = options_.max_body_bytes](const net::Request& request,
                                                          const Status&) {
    const std::string size(request.headers.Get("Content-Length"));
    return OtlpError(kTooLarge, "request body too large: message size too large than max (" +
                                    (size.empty() ? "more" : size) + " vs " + std::to_string(max) +
                                    ")");
  };
  return route;
}

}  // namespace skald::api
