#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"
#include "model/ids.h"
#include "net/http_types.h"

namespace skald::api {

// Says for which tenant a request is: by the header X-Scope-OrgID, or one for all.
//
// Threads: immutable; any thread may call.
class TenantAuth {
 public:
  struct Options {
    bool enabled = true;                  // Off: the header counts for nothing.
    std::string no_auth_tenant = "fake";  // Everyone's id then.
    bool multi_tenant_queries = false;    // `a|b` may be read from.
  };

  explicit TenantAuth(Options options) : options_(std::move(options)) {}

  bool multi_tenant_queries() const { return options_.multi_tenant_queries; }

  // The tenant to write for. kUnauthenticated `no org id`; kInvalidArgument for an id that is none,
  // and for several.
  Result<model::TenantId> ForWrite(const net::Request& request) const;

  // The tenants to read from, sorted and unique; at least one. Errors as above.
  Result<std::vector<model::TenantId>> ForRead(const net::Request& request) const;

  // The tenant that the header names, even where it counts for nothing. Errors as above.
  Result<model::TenantId> Named(const net::Request& request) const;

 private:
  const Options options_;
};

// Checks the form of an id. kInvalidArgument names what is wrong.
Status CheckTenantId(std::string_view id);

}  // namespace skald::api
