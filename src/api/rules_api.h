#pragma once

#include <functional>
#include <string>

#include "api/tenant_auth.h"
#include "common/limits.h"
#include "common/mutex.h"
#include "net/http_types.h"
#include "ruler/rule_store.h"
#include "ruler/ruler.h"

namespace skald::api {

// Adapts the rules of tenants: /loki/api/v1/rules and /api/prom/rules, which read and write groups
// in YAML, and /prometheus/api/v1/rules and /alerts, which say how they stand.
//
// Ownership: borrows what it is given.
// Threads:   any thread may call; calls block on the store. write_mutex_ is held from the look at
//            how many groups there are until the next is among them, over the store's I/O.
class RulesApi {
 public:
  RulesApi(const TenantAuth& auth, ruler::RuleStore& store, ruler::Ruler& ruler,
           const LimitsSource& limits)
      : auth_(auth), store_(store), ruler_(ruler), limits_(limits) {}

  net::Response List(net::Request& request);
  net::Response ListNamespace(net::Request& request);
  net::Response GetGroup(net::Request& request);
  net::Response SetGroup(net::Request& request);
  net::Response DeleteGroup(net::Request& request);
  net::Response DeleteNamespace(net::Request& request);

  net::Response States(net::Request& request);
  net::Response Alerts(net::Request& request);

 private:
  using WithTenant = std::function<net::Response(const std::string& tenant)>;

  net::Response ForTenant(const net::Request& request, const WithTenant& answer) const;
  // As ForTenant, with errors in Prometheus' form.
  net::Response ForStates(const net::Request& request, const WithTenant& answer) const;
  net::Response Written(const Status& status);
  Result<std::string> NamespaceToWrite(const std::string& tenant, const net::Request& request);
  // Of several at once no more get in than the limits allow.
  Status SetWithinLimits(const std::string& tenant, const std::string& name_space,
                         const ruler::RuleGroup& group) SKALD_EXCLUDES(write_mutex_);
  Status CheckLimits(const std::string& tenant, const std::string& name_space,
                     const ruler::RuleGroup& group) SKALD_REQUIRES(write_mutex_);

  const TenantAuth& auth_;
  ruler::RuleStore& store_;
  ruler::Ruler& ruler_;
  const LimitsSource& limits_;
  Mutex write_mutex_;
};

}  // namespace skald::api
