#include "app/notify_config.h"

#include <string>

namespace skald::app {

void AddNotifyConfig(Settings& s, NotifyConfig* c) {
  s.Add("ruler.external_url", &c->external_url, "URL of the Grafana that alerts link to",
        "ruler.external.url");
  s.Add("ruler.datasource_uid", &c->datasource_uid, "Uid of this server's data source there",
        "ruler.datasource-uid");
  notify::AddAlertmanagerSettings(s, "ruler.", &c->alertmanagers);
}

Status CheckNotifyConfig(const NotifyConfig& config) {
  return Annotate(notify::CompileAlertmanagers(config.alertmanagers).status(), "ruler");
}

}  // namespace skald::app
