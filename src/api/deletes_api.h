#pragma once

#include <chrono>
#include <string>

#include "api/tenant_auth.h"
#include "common/clock.h"
#include "common/limits.h"
#include "common/status.h"
#include "deletes/request_store.h"
#include "net/http_types.h"

namespace skald::api {

// Adapts requests to delete stored entries: /loki/api/v1/delete, the page that lists those of all
// tenants, and the numbers by which queriers tell that what they keep of answers is out of date.
// Parameters are read from the URL alone.
//
// Ownership: borrows what it is given.
// Threads:   any thread may call.
class DeletesApi {
 public:
  struct Options {
    bool enabled = false;  // compactor.retention_enabled.
    std::chrono::nanoseconds max_interval = std::chrono::hours(24);
  };

  DeletesApi(const Options& options, const TenantAuth& auth, deletes::RequestStore& requests,
             const LimitsSource& limits, const Clock& clock);

  bool enabled() const { return options_.enabled; }

  net::Response Create(net::Request& request);
  net::Response List(net::Request& request);
  net::Response Cancel(net::Request& request);
  // GET: those of all tenants, the newest first; POST: as Create.
  net::Response Page(net::Request& request);
  net::Response Generation(net::Request& request);
  net::Response IncreaseGeneration(net::Request& request);

 private:
  // The tenant, if it may delete; kPermissionDenied if not.
  Result<model::TenantId> Tenant(const net::Request& request) const;
  Result<std::string> CreateRequest(const net::Request& request) const;
  Result<std::string> ListBody(const net::Request& request) const;
  Status CancelRequest(const net::Request& request) const;

  const Options options_;
  const TenantAuth& auth_;
  deletes::RequestStore& requests_;
  const LimitsSource& limits_;
  const Clock& clock_;
};

}  // namespace skald::api
