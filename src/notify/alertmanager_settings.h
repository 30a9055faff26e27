#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "common/config.h"
#include "common/config_node.h"
#include "common/status.h"
#include "notify/peer.h"
#include "notify/relabel.h"

namespace skald::notify {

// Where alerts go, as `ruler` in the configuration says it for all tenants, and a tenant's
// ruler_alertmanager_config for one.
//
// Threads: a value.
struct AlertmanagerSettings {
  std::string url;  // Several: separated by commas.
  bool discovery = false;
  std::chrono::nanoseconds refresh_interval = std::chrono::minutes(1);
  bool v2 = true;
  ConfigNode relabel_configs;
  int queue_capacity = 10000;
  // Compat: a proxy of the environment is not used.
  PeerOptions peer = {
      .http = {.timeout = std::chrono::seconds(10), .proxy_from_environment = false}};
};

// Registers each under `prefix` + its key: "ruler." or "".
void AddAlertmanagerSettings(Settings& settings, const std::string& prefix,
                             AlertmanagerSettings* alertmanager);

// The settings in the form that sending needs.
struct AlertmanagerOptions {
  std::vector<std::string> urls;   // Without user, password and api_path.
  std::vector<PeerOptions> peers;  // One a URL.
  bool discovery = false;
  std::chrono::nanoseconds refresh_interval{};
  std::string api_path;
  RelabelRules relabel;
  size_t queue_capacity = 0;
};

// kInvalidArgument names the key that is wrong.
Result<AlertmanagerOptions> CompileAlertmanagers(const AlertmanagerSettings& settings);

// `settings` for a tenant whose own ruler_alertmanager_config is `own`: what that does not name is
// as it is for all. kInvalidArgument as above, and for unknown keys.
Result<AlertmanagerSettings> MergeAlertmanagers(const AlertmanagerSettings& settings,
                                                const ConfigNode& own);

}  // namespace skald::notify
