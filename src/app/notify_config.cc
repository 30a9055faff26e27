#include "app/notify_config.h"

#include "common/files.h"

namespace skald::app {

void AddNotifyConfig(Settings& s, NotifyConfig* c) {
  s.Add("ruler.external_url", &c->external_url, "URL of the Grafana that alerts link to",
        "ruler.external.url");
  s.Add("ruler.datasource_uid", &c->datasource_uid, "Uid of this server's data source there",
        "ruler.datasource-uid");
  notify::AddAlertmanagerSettings(s, "ruler.", &c->alertmanagers);
  notify::AddRemoteWriteSettings(s, &c->remote_write);
}

Status CompleteNotifyConfig(const std::string& path_prefix, NotifyConfig* config) {
  std::string& folder = config->remote_write.folder;
  if (folder == notify::RemoteWriteSettings().folder) folder = JoinPath(path_prefix, folder);
  SKALD_RETURN_IF_ERROR(
      Annotate(notify::CompileAlertmanagers(config->alertmanagers).status(), "ruler"));
  return Annotate(notify::CompileClients(config->remote_write, ConfigNode()).status(),
                  "ruler.remote_write");
}

}  // namespace skald::app
