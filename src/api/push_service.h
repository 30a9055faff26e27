#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "api/otlp_mappings.h"
#include "api/tenant_auth.h"
#include "common/clock.h"
#include "common/status.h"
#include "distributor/distributor.h"
#include "net/grpc_host.h"

namespace skald::api {

// Adapts pushes over gRPC: logproto.Pusher/Push and OpenTelemetry's LogsService/Export.
//
// Ownership: borrows `deps`.
// Threads:   any thread may call. Both block until the entries are durable.
class PushService {
 public:
  struct Deps {
    const TenantAuth& auth;
    OtlpMappings& mappings;
    distributor::Distributor& distributor;
    const Clock& clock;
  };

  explicit PushService(const Deps& deps) : deps_(deps) {}

  // Offers both methods, which refer to this.
  void AddTo(net::GrpcHost& host);

  // Message PushRequest, not compressed; the answer is empty.
  Result<std::string> Push(net::Request& request);
  // Message ExportLogsServiceRequest; the answer is empty. No records are no error here.
  Result<std::string> ExportLogs(net::Request& request);

 private:
  Result<std::string> Store(const net::Request& request, std::string_view format, size_t body_bytes,
                            const model::TenantId& tenant, model::PushBatch batch);

  const Deps deps_;
};

}  // namespace skald::api
