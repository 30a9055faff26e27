#pragma once

#include <string>
#include <string_view>

#include "common/config.h"
#include "common/config_node.h"
#include "common/status.h"
#include "model/labels.h"
#include "notify/alertmanager_settings.h"
#include "notify/remote_write_settings.h"

namespace skald::app {

// What `ruler` says about whom alerts and samples are sent to.
//
// Threads: a value.
struct NotifyConfig {
  notify::AlertmanagerSettings alertmanagers;
  notify::RemoteWriteSettings remote_write;
  ConfigNode external_labels;  // Of all alerts: names and texts.
  std::string external_url;    // Of a Grafana, for links in alerts.
  std::string datasource_uid;  // Of Skald there.
  std::string page_url;        // Of this server, as people reach it; for links without a Grafana.
};

// Where an alert leads who wants to see what its expression finds: to Grafana's Explore, or to the
// own page where only its address is set.
std::string GeneratorUrl(const NotifyConfig& config, std::string_view expression);

void AddNotifyConfig(Settings& settings, NotifyConfig* config);

// Of all alerts of this server. Requires: CompleteNotifyConfig took `config`.
model::Labels ExternalLabels(const NotifyConfig& config);

// Puts the folder under `path_prefix` unless another is set. kInvalidArgument names the key that is
// wrong.
Status CompleteNotifyConfig(const std::string& path_prefix, NotifyConfig* config);

}  // namespace skald::app
