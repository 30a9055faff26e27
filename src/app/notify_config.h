#pragma once

#include "common/config.h"
#include "notify/alertmanager_settings.h"

namespace skald::app {

// What `ruler` says about whom alerts and samples are sent to.
//
// Threads: a value.
struct NotifyConfig {
  notify::AlertmanagerSettings alertmanagers;
  std::string external_url;    // Of a Grafana, for links in alerts.
  std::string datasource_uid;  // Of Skald there.
};

void AddNotifyConfig(Settings& settings, NotifyConfig* config);

// kInvalidArgument names the key that is wrong.
Status CheckNotifyConfig(const NotifyConfig& config);

}  // namespace skald::app
