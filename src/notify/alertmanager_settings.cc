#include "notify/alertmanager_settings.h"

#include <algorithm>
#include <string_view>

#include "common/split.h"

namespace skald::notify {
namespace {

// Parts of a comma list, without blanks around them.
std::vector<std::string> SplitUrls(std::string_view list) {
  std::vector<std::string> urls;
  for (std::string_view url : SplitAtCommas(list)) {
    while (url.starts_with(' ')) url.remove_prefix(1);
    while (url.ends_with(' ') || url.ends_with('/')) url.remove_suffix(1);
    if (!url.empty()) urls.emplace_back(url);
  }
  return urls;
}

}  // namespace

void AddAlertmanagerSettings(Settings& s, const std::string& prefix, AlertmanagerSettings* a) {
  const auto flag = [&prefix](const char* name) {
    return prefix.empty() ? std::string("-") : std::string("ruler.") + name;
  };
  s.Add(prefix + "alertmanager_url", &a->url,
        "URLs of Alertmanagers that alerts are sent to, separated by commas",
        flag("alertmanager-url"));
  s.Add(prefix + "enable_alertmanager_discovery", &a->discovery,
        "Whether the hosts of alertmanager_url are names of SRV records",
        flag("alertmanager-discovery"));
  s.Add(prefix + "alertmanager_refresh_interval", &a->refresh_interval,
        "How often they are looked up", flag("alertmanager-refresh-interval"));
  s.Add(prefix + "enable_alertmanager_v2", &a->v2,
        "Whether the second version of Alertmanager's API is used", flag("alertmanager-use-v2"));
  s.Add(prefix + "alert_relabel_configs", &a->relabel_configs,
        "Relabelling of alerts before they are sent");
  s.Add(prefix + "notification_queue_capacity", &a->queue_capacity,
        "Alerts that may wait for a server; the oldest go when there are more",
        flag("notification-queue-capacity"));
  s.Add(prefix + "notification_timeout", &a->peer.http.timeout, "Time that sending alerts may take",
        flag("notification-timeout"));
  const std::string client = prefix + "alertmanager_client.";
  const auto client_flag = [&flag](const std::string& name) {
    return flag(("alertmanager-client." + name).c_str());
  };
  s.Add(client + "basic_auth_username", &a->peer.http.username, "Name for basic authentication",
        client_flag("basic-auth-username"));
  s.Add(client + "basic_auth_password", &a->peer.http.password, "Password for basic authentication",
        client_flag("basic-auth-password"));
  s.Conceal(client + "basic_auth_password");
  s.Add(client + "type", &a->peer.authorization_type,
        "What stands before credentials in the header", client_flag("type"));
  s.Add(client + "credentials", &a->peer.credentials, "A token to send as authorization",
        client_flag("credentials"));
  s.Conceal(client + "credentials");
  s.Add(client + "credentials_file", &a->peer.credentials_file, "File that holds the token",
        client_flag("credentials-file"));
  s.Add(client + "tls_ca_path", &a->peer.http.ca_file,
        "File of certificates that the server's is checked against", client_flag("tls-ca-path"));
  s.Add(client + "tls_cert_path", &a->peer.http.cert_file, "File of the certificate to show",
        client_flag("tls-cert-path"));
  s.Add(client + "tls_key_path", &a->peer.http.key_file, "File of that certificate's key",
        client_flag("tls-key-path"));
  s.Add(client + "tls_server_name", &a->peer.http.server_name,
        "Name that the server's certificate must be for; empty: the URL's host",
        client_flag("tls-server-name"));
  s.Add(client + "tls_insecure_skip_verify", &a->peer.http.skip_verification,
        "Whether any certificate will do", client_flag("tls-insecure-skip-verify"));
}

Result<AlertmanagerOptions> CompileAlertmanagers(const AlertmanagerSettings& settings) {
  AlertmanagerOptions options{.discovery = settings.discovery,
                              .refresh_interval = settings.refresh_interval,
                              .api_path = settings.v2 ? "/api/v2/alerts" : "/api/v1/alerts"};
  if (settings.queue_capacity <= 0) {
    return InvalidArgument("notification_queue_capacity must be greater than 0");
  }
  options.queue_capacity = static_cast<size_t>(settings.queue_capacity);
  if (settings.refresh_interval.count() <= 0) {
    return InvalidArgument("alertmanager_refresh_interval must be greater than 0");
  }
  options.urls = SplitUrls(settings.url);
  for (std::string& url : options.urls) {
    PeerOptions& peer = options.peers.emplace_back(settings.peer);
    if (Status status = MoveUserInfo(url, peer.http.username, peer.http.password); !status.ok()) {
      return Annotate(std::move(status), "alertmanager_url");
    }
    if (Status status = CheckPeerOptions(peer); !status.ok()) {
      return Annotate(std::move(status), "alertmanager_client");
    }
  }
  Result<RelabelRules> relabel = RelabelRules::Parse(settings.relabel_configs);
  if (!relabel.ok()) return Annotate(std::move(relabel).status(), "alert_relabel_configs");
  options.relabel = *std::move(relabel);
  return options;
}

Result<AlertmanagerSettings> MergeAlertmanagers(const AlertmanagerSettings& settings,
                                                const ConfigNode& own) {
  AlertmanagerSettings merged = settings;
  if (own.kind == ConfigNode::Kind::kNull) return merged;
  Settings reader;
  AddAlertmanagerSettings(reader, "", &merged);
  std::vector<std::string> ignored;
  SKALD_RETURN_IF_ERROR(reader.ReadNode(own, "ruler_alertmanager_config", {}, ignored));
  return merged;
}

}  // namespace skald::notify
