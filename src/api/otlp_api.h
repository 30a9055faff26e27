#pragma once

#include <cstdint>

#include "api/otlp_mappings.h"
#include "api/tenant_auth.h"
#include "common/clock.h"
#include "distributor/distributor.h"
#include "net/http_types.h"
#include "net/router.h"

namespace skald::api {

// Adapts exports of OpenTelemetry's logs over HTTP: POST /otlp/v1/logs.
//
// Ownership: borrows `deps`.
// Threads:   any thread may call. Logs blocks until the entries are durable.
class OtlpApi {
 public:
  struct Options {
    uint64_t max_body_bytes = 100 << 20;                     // distributor.max_recv_msg_size.
    uint64_t max_decompressed_bytes = uint64_t{5000} << 20;  // distributor.max_decompressed_size.
  };
  struct Deps {
    const TenantAuth& auth;
    OtlpMappings& mappings;
    distributor::Distributor& distributor;
    const Clock& clock;
  };

  OtlpApi(const Options& options, const Deps& deps) : options_(options), deps_(deps) {}

  // 204 when all is stored, otherwise a google.rpc.Status that says why not.
  net::Response Logs(net::Request& request);

  // For the route of the above: lets bodies through up to the limit and explains the refusal.
  net::RouteOptions route_options() const;

 private:
  const Options options_;
  const Deps deps_;
};

}  // namespace skald::api
