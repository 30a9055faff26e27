#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "api/tenant_auth.h"
#include "common/status.h"
#include "model/ids.h"
#include "model/matcher.h"
#include "net/http_types.h"

namespace skald::api {

// A part of the process, and what it does: "Running", "Stopping", "Terminated" ...
struct Service {
  std::string_view name;
  std::string_view state;
};
inline constexpr std::string_view kRunning = "Running";

// Adapts health and administration: /ready, /metrics, /config, /services, /log_level, /flush and
// build information.
//
// Ownership: borrows `auth`; keeps the callbacks.
// Threads:   any thread may call; the callbacks must allow for that.
class OpsApi {
 public:
  struct Options {
    std::string version;   // That clients switch features by.
    std::string revision;  // Of the source.
    std::function<std::vector<Service>()> services;
    // OK when requests are served; otherwise the message says what is missing. Services that do
    // not run are found by themselves.
    std::function<Status()> ready;
    // YAML of the configuration: "diff" for what differs from the defaults, "defaults" for those,
    // anything else for all of it.
    std::function<std::string(std::string_view mode)> print_config;
    // Asks for everything in memory to be stored; returns at once.
    std::function<void()> start_flush;
    // Stores what a tenant's streams that match have in memory; blocks.
    std::function<Status(const model::TenantId&, const model::Matchers&)> flush_tenant;
  };

  OpsApi(Options options, const TenantAuth& auth);

  net::Response Ready(net::Request& request);
  net::Response Metrics(net::Request& request);
  net::Response BuildInformation(net::Request& request);
  net::Response Config(net::Request& request);
  net::Response Services(net::Request& request);
  net::Response GetLogLevel(net::Request& request);
  net::Response SetLogLevel(net::Request& request);
  net::Response Flush(net::Request& request);
  net::Response FlushTenant(net::Request& request);

 private:
  const Options options_;
  const TenantAuth& auth_;
};

}  // namespace skald::api
