#include "app/notify_config.h"

#include "common/files.h"
#include "notify/alert.h"
#include "notify/external_labels.h"

namespace skald::app {

std::string GeneratorUrl(const NotifyConfig& config, std::string_view expression) {
  return config.external_url.empty() && !config.page_url.empty()
             ? notify::PageUrl(config.page_url, expression)
             : notify::ExploreUrl(config.external_url, config.datasource_uid, expression);
}

void AddNotifyConfig(Settings& s, NotifyConfig* c) {
  s.Add("ruler.external_url", &c->external_url, "URL of the Grafana that alerts link to",
        "ruler.external.url");
  s.Add(
      "ruler.external_labels", &c->external_labels,
      "Labels that alerts have unless they have some of these names; $externalLabels in templates");
  s.Add("ruler.datasource_uid", &c->datasource_uid, "Uid of this server's data source there",
        "ruler.datasource-uid");
  s.Add("ruler.page_url", &c->page_url,
        "URL of this server as people reach it: alerts link to its page if ruler.external_url is "
        "not set");
  notify::AddAlertmanagerSettings(s, "ruler.", &c->alertmanagers);
  notify::AddRemoteWriteSettings(s, &c->remote_write);
}

model::Labels ExternalLabels(const NotifyConfig& config) {
  return notify::ParseExternalLabels(config.external_labels).value();
}

Status CompleteNotifyConfig(const std::string& path_prefix, NotifyConfig* config) {
  std::string& folder = config->remote_write.folder;
  if (folder == notify::RemoteWriteSettings().folder) folder = JoinPath(path_prefix, folder);
  SKALD_RETURN_IF_ERROR(Annotate(notify::ParseExternalLabels(config->external_labels).status(),
                                 "ruler.external_labels"));
  SKALD_RETURN_IF_ERROR(
      Annotate(notify::CompileAlertmanagers(config->alertmanagers).status(), "ruler"));
  return Annotate(notify::CompileClients(config->remote_write, ConfigNode()).status(),
                  "ruler.remote_write");
}

}  // namespace skald::app
