#include "api/push_api.h"

#include <string>
#include <utility>

#include "api/error_response.h"
#include "api/push_context.h"
#include "wire/push_request.h"

namespace skald::api {
namespace {

constexpr int kTooLarge = 413;

net::Response ReplyResponse(const distributor::PushReply& reply) {
  if (reply.status.ok()) {
    return net::Response{.status = 204};
  }
  if (reply.status.code() == StatusCode::kPermissionDenied) {
    return ErrorResponse(reply.blocked_status, reply.status.message(), Audience::kWriter);
  }
  return ErrorResponse(reply.status, Audience::kWriter);
}

}  // namespace

PushApi::PushApi(const Options& options, const TenantAuth& auth,
                 distributor::Distributor& distributor)
    : options_(options), auth_(auth), distributor_(distributor) {}

net::Response PushApi::Push(net::Request& request) { return Handle(request, false); }

net::Response PushApi::LegacyPush(net::Request& request) { return Handle(request, true); }

net::Response PushApi::Handle(net::Request& request, bool legacy) {
  const auto tenant = auth_.ForWrite(request);
  if (!tenant.ok()) {
    return ErrorResponse(tenant.status(), Audience::kWriter);
  }
  const size_t body_bytes = request.body.size();
  auto batch = wire::DecodePush({.content_type = request.headers.Get("Content-Type"),
                                 .content_encoding = request.headers.Get("Content-Encoding"),
                                 .legacy = legacy,
                                 .max_body_bytes = options_.max_body_bytes,
                                 .max_decompressed_bytes = options_.max_decompressed_bytes},
                                std::move(request.body));
  if (!batch.ok()) {
    if (batch.status().code() == StatusCode::kResourceExhausted) {
      return ErrorResponse(kTooLarge, batch.status().message(), Audience::kWriter);
    }
    return ErrorResponse(batch.status(), Audience::kWriter);
  }
  const distributor::PushContext context = PushContextOf(request, "loki", body_bytes);
  return ReplyResponse(distributor_.Push(*tenant, context, *std::move(batch)));
}

net::RouteOptions PushApi::route_options() const {
  net::RouteOptions route;
  route.max_body_bytes = options_.max_body_bytes;
  route.on_refused_body = [max = options_.max_body_bytes](const net::Request& request,
                                                          const Status&) {
    const std::string size(request.headers.Get("Content-Length"));
    return ErrorResponse(kTooLarge,
                         "request body too large: message size too large than max (" +
                             (size.empty() ? "more" : size) + " vs " + std::to_string(max) + ")",
                         Audience::kWriter);
  };
  return route;
}

}  // namespace skald::api
