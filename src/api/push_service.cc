#include "api/push_service.h"

#include <utility>

#include "api/push_context.h"
#include "wire/otlp_logs.h"
#include "wire/push_proto.h"

namespace skald::api {
namespace {

// What does not fit is the client's to change: sent again it is refused again.
Status OfMessage(Status status) {
  return status.code() == StatusCode::kResourceExhausted
             ? InvalidArgument(std::string(status.message()))
             : status;
}

// The code that tells a client what the HTTP status would: exporters take an internal error and a
// value out of range for more, or less, than they are.
Status OfReply(Status status) {
  switch (status.code()) {
    case StatusCode::kOutOfRange:
      return InvalidArgument(std::string(status.message()));
    case StatusCode::kInternal:
    case StatusCode::kUnknown:
    case StatusCode::kDataLoss:
    case StatusCode::kAborted:
      return Unavailable(std::string(status.message()));
    default:
      return status;
  }
}

}  // namespace

void PushService::AddTo(net::GrpcHost& host) {
  host.Add("/logproto.Pusher/Push", [this](net::Request& request) { return Push(request); });
  host.Add("/opentelemetry.proto.collector.logs.v1.LogsService/Export",
           [this](net::Request& request) { return ExportLogs(request); });
}

Result<std::string> PushService::Push(net::Request& request) {
  SKALD_ASSIGN_OR_RETURN(const model::TenantId tenant, deps_.auth.ForWrite(request));
  const size_t body_bytes = request.body.size();
  auto batch = wire::DecodePushProto(std::move(request.body));
  if (!batch.ok()) return OfMessage(std::move(batch).status());
  return Store(request, "loki", body_bytes, tenant, *std::move(batch));
}

Result<std::string> PushService::ExportLogs(net::Request& request) {
  SKALD_ASSIGN_OR_RETURN(const model::TenantId tenant, deps_.auth.ForWrite(request));
  SKALD_ASSIGN_OR_RETURN(const auto mapping, deps_.mappings.For(tenant));
  const size_t body_bytes = request.body.size();
  auto batch = wire::DecodeOtlpLogs(std::move(request.body), *mapping, deps_.clock.NowNs());
  if (!batch.ok()) return OfMessage(std::move(batch).status());
  if (batch->streams.empty()) return std::string();
  return Store(request, "otlp", body_bytes, tenant, *std::move(batch));
}

Result<std::string> PushService::Store(const net::Request& request, std::string_view format,
                                       size_t body_bytes, const model::TenantId& tenant,
                                       model::PushBatch batch) {
  const distributor::PushContext context = PushContextOf(request, format, body_bytes);
  distributor::PushReply reply = deps_.distributor.Push(tenant, context, std::move(batch));
  if (!reply.status.ok()) return OfReply(std::move(reply.status));
  return std::string();
}

}  // namespace skald::api
