#include "notify/remote_write_settings.h"

#include <array>
#include <string_view>
#include <utility>

#include "common/ascii.h"

namespace skald::notify {
namespace {

// The client of ruler.remote_write.client.
constexpr std::string_view kUnnamed = "default";
constexpr std::string_view kTenantHeader = "x-scope-orgid";

// An entry of Prometheus' remote_write as it is written.
struct Fields {
  std::string name;
  std::string url;
  ConfigNode headers;
  ConfigNode write_relabel_configs;
  PeerOptions peer = {.http = {.timeout = std::chrono::seconds(30)}};  // But for its headers.
  std::string server_name;
  int max_samples_per_send = 2000;
  Nanoseconds min_backoff = std::chrono::milliseconds(30);
  Nanoseconds max_backoff = std::chrono::seconds(5);
  bool retry_on_429 = true;
  Nanoseconds sample_age_limit{0};
  ConfigNode passed_over;
  std::array<ConfigNode, 4> refused;
};

constexpr std::array<const char*, 4> kRefused = {"sigv4", "oauth2", "azuread", "proxy_url"};

void AddFields(Settings& s, Fields* f) {
  s.Add("name", &f->name, "", "-");
  s.Add("url", &f->url, "", "-");
  s.Add("remote_timeout", &f->peer.http.timeout, "", "-");
  s.Add("headers", &f->headers, "");
  s.Add("write_relabel_configs", &f->write_relabel_configs, "");
  s.Add("basic_auth.username", &f->peer.http.username, "", "-");
  s.Add("basic_auth.password", &f->peer.http.password, "", "-");
  s.Add("basic_auth.password_file", &f->peer.password_file, "", "-");
  s.Add("authorization.type", &f->peer.authorization_type, "", "-");
  s.Add("authorization.credentials", &f->peer.credentials, "", "-");
  s.Add("authorization.credentials_file", &f->peer.credentials_file, "", "-");
  s.Add("bearer_token", &f->peer.credentials, "", "-");
  s.Add("bearer_token_file", &f->peer.credentials_file, "", "-");
  s.Add("tls_config.ca_file", &f->peer.http.ca_file, "", "-");
  s.Add("tls_config.cert_file", &f->peer.http.cert_file, "", "-");
  s.Add("tls_config.key_file", &f->peer.http.key_file, "", "-");
  s.Add("tls_config.server_name", &f->server_name, "", "-");
  s.Add("tls_config.insecure_skip_verify", &f->peer.http.skip_verification, "", "-");
  s.Add("queue_config.max_samples_per_send", &f->max_samples_per_send, "", "-");
  s.Add("queue_config.min_backoff", &f->min_backoff, "", "-");
  s.Add("queue_config.max_backoff", &f->max_backoff, "", "-");
  s.Add("queue_config.retry_on_http_429", &f->retry_on_429, "", "-");
  s.Add("queue_config.sample_age_limit", &f->sample_age_limit, "", "-");
  // What Prometheus' queue in memory needs, and what it sends besides samples.
  for (const char* key :
       {"queue_config.capacity", "queue_config.max_shards", "queue_config.min_shards",
        "queue_config.batch_send_deadline", "tls_config.min_version", "tls_config.max_version",
        "metadata_config", "send_exemplars", "send_native_histograms", "follow_redirects",
        "enable_http2", "protobuf_message", "round_robin_dns"}) {
    s.Add(key, &f->passed_over, "");
  }
  for (size_t i = 0; i < kRefused.size(); ++i) s.Add(kRefused[i], &f->refused[i], "");
}

Status CheckFields(const Fields& fields) {
  for (size_t i = 0; i < kRefused.size(); ++i) {
    if (fields.refused[i].kind != ConfigNode::Kind::kNull) {
      return InvalidArgument(std::string(kRefused[i]) +
                             " is not supported; use basic_auth, authorization or tls_config");
    }
  }
  if (!fields.server_name.empty()) {
    return InvalidArgument(
        "tls_config.server_name is not supported: give url the name that the certificate is for");
  }
  if (fields.url.empty()) return InvalidArgument("url is not configured");
  if (fields.max_samples_per_send <= 0) {
    return InvalidArgument("queue_config.max_samples_per_send must be greater than 0");
  }
  if (fields.min_backoff.count() <= 0 || fields.max_backoff < fields.min_backoff) {
    return InvalidArgument("queue_config.min_backoff must be above 0 and below max_backoff");
  }
  return {};
}

PeerOptions WithHeaders(const Fields& fields) {
  PeerOptions peer = fields.peer;
  for (const auto& [name, value] : fields.headers.members) {
    // Compat: the tenant is the ruler's to say.
    if (name.size() == kTenantHeader.size() && EqualsIgnoringCase(name, kTenantHeader)) continue;
    peer.headers.Add(name, value.scalar);
  }
  return peer;
}

Result<RemoteWriteClient> CompileClient(std::string id, const ConfigNode& node) {
  Fields fields;
  Settings reader;
  AddFields(reader, &fields);
  std::vector<std::string> ignored;
  SKALD_RETURN_IF_ERROR(reader.ReadNode(node, "remote_write", {}, ignored));
  SKALD_RETURN_IF_ERROR(CheckFields(fields));
  RemoteWriteClient client{.id = std::move(id),
                           .text = PrintYaml(node),
                           .url = fields.url,
                           .peer = WithHeaders(fields),
                           .max_samples = static_cast<size_t>(fields.max_samples_per_send),
                           .min_backoff = fields.min_backoff,
                           .max_backoff = fields.max_backoff,
                           .retry_on_429 = fields.retry_on_429,
                           .sample_age_limit = fields.sample_age_limit};
  client.name = fields.name.empty() ? client.id : fields.name;
  if (Status status = MoveUserInfo(client.url, client.peer); !status.ok()) {
    return Annotate(std::move(status), "url");
  }
  SKALD_RETURN_IF_ERROR(CheckPeerOptions(client.peer));
  auto relabel = RelabelRules::Parse(fields.write_relabel_configs);
  if (!relabel.ok()) return Annotate(std::move(relabel).status(), "write_relabel_configs");
  client.relabel = *std::move(relabel);
  return client;
}

}  // namespace

void AddRemoteWriteSettings(Settings& s, RemoteWriteSettings* r) {
  s.Add("ruler.remote_write.enabled", &r->enabled,
        "Whether samples of recording rules are sent; else they are discarded");
  s.Add("ruler.remote_write.clients", &r->clients,
        "Receivers of samples by name, each as an entry of Prometheus' remote_write");
  s.Add("ruler.remote_write.client", &r->client, "A single receiver, called default");
  s.Add("ruler.remote_write.add_org_id_header", &r->add_org_id_header,
        "Whether requests name their tenant in X-Scope-OrgID");
  s.Add("ruler.wal.dir", &r->folder,
        "Folder of samples that are still to be sent; <path_prefix>/ruler-wal if left at "
        "`ruler-wal`");
  s.Add("ruler.wal.max_age", &r->max_age, "Samples older than this are not sent any more");
  s.Add("ruler.wal.max_bytes", &r->max_bytes,
        "Bytes of a tenant's samples that wait; above it the oldest go", "",
        Settings::Unit::kBytes);
}

Result<std::vector<RemoteWriteClient>> CompileClients(const RemoteWriteSettings& settings,
                                                      const ConfigNode& own) {
  ConfigNode all;
  all.kind = ConfigNode::Kind::kMap;
  if (settings.client.kind == ConfigNode::Kind::kMap) {
    all.members.push_back({std::string(kUnnamed), settings.client});
  }
  for (const ConfigNode* more : {&settings.clients, &own}) {
    if (more->kind == ConfigNode::Kind::kNull) continue;
    if (more->kind != ConfigNode::Kind::kMap) {
      return InvalidArgument("clients of remote write are no map of names to receivers");
    }
    all = MergeNodes(std::move(all), *more);
  }
  std::vector<RemoteWriteClient> clients;
  for (const auto& [id, node] : all.members) {
    auto client = CompileClient(id, node);
    if (!client.ok()) return Annotate(std::move(client).status(), "client " + id);
    clients.push_back(*std::move(client));
  }
  return clients;
}

}  // namespace skald::notify
