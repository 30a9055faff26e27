#pragma once

#include <cstddef>
#include <cstdint>

#include "api/tenant_auth.h"
#include "distributor/distributor.h"
#include "net/http_types.h"
#include "net/router.h"

namespace skald::api {

// Adapts pushes in Loki's formats: POST /loki/api/v1/push and /api/prom/push.
//
// Ownership: borrows `auth` and `distributor`.
// Threads:   any thread may call. Push blocks until the entries are durable.
class PushApi {
 public:
  struct Options {
    uint64_t max_body_bytes = 100 << 20;                     // distributor.max_recv_msg_size.
    uint64_t max_decompressed_bytes = uint64_t{5000} << 20;  // distributor.max_decompressed_size.
  };

  PushApi(const Options& options, const TenantAuth& auth, distributor::Distributor& distributor);

  // 204 when all is stored, otherwise a text that says why not.
  net::Response Push(net::Request& request);
  // As above; JSON is in the older shape.
  net::Response LegacyPush(net::Request& request);

  // For the routes of the above: lets bodies through up to the limit and explains the refusal.
  net::RouteOptions route_options() const;

 private:
  net::Response Handle(net::Request& request, bool legacy);

  const Options options_;
  const TenantAuth& auth_;
  distributor::Distributor& distributor_;
};

}  // namespace skald::api
