#pragma once

#include <string>

#include "common/config.h"
#include "common/status.h"
#include "notify/alertmanager_settings.h"
#include "notify/remote_write_settings.h"

namespace skald::app {

// What `ruler` says about whom alerts and samples are sent to.
//
// Threads: a value.
struct NotifyConfig {
  notify::AlertmanagerSettings alertmanagers;
  notify::RemoteWriteSettings remote_write;
  std::string external_url;    // Of a Grafana, for links in alerts.
  std::string datasource_uid;  // Of Skald there.
};

void AddNotifyConfig(Settings& settings, NotifyConfig* config);

// Puts the folder under `path_prefix` unless another is set. kInvalidArgument names the key that is
// wrong.
Status CompleteNotifyConfig(const std::string& path_prefix, NotifyConfig* config);

}  // namespace skald::app
