#pragma once

#include <string>
#include <vector>

#include "api/tenant_auth.h"
#include "common/config.h"
#include "common/limits.h"
#include "net/http_types.h"

namespace skald::api {

// Tells a tenant its own limits: /config/tenant/v1/limits, and what Logs Drilldown asks for.
//
// Ownership: borrows `auth` and `limits`.
// Threads:   any thread may call.
class TenantLimitsApi {
 public:
  struct Options {
    std::vector<std::string> published;          // Names of limits; empty: all.
    std::vector<std::string> otlp_index_labels;  // That hold unless otlp_config ignores them.
    bool pattern_ingester_enabled = false;
    std::string version;  // That clients switch features by.
  };

  TenantLimitsApi(Options options, const TenantAuth& auth, const LimitsSource& limits);

  // Both want the header X-Scope-OrgID, with one tenant, also where all are one: 401 otherwise.
  net::Response Limits(net::Request& request);
  net::Response DrilldownLimits(net::Request& request);

 private:
  // By name, without the key's section.
  Result<std::vector<Settings::Value>> Published(const net::Request& request) const;

  const Options options_;
  const TenantAuth& auth_;
  const LimitsSource& limits_;
};

}  // namespace skald::api
