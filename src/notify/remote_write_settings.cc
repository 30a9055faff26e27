#include "notify/remote_write_settings.h"

#include <string_view>
#include <utility>

#include "common/ascii.h"
#include "notify/peer_settings.h"

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
  PeerSettings peer;
  int max_samples_per_send = 2000;
  Nanoseconds min_backoff = std::chrono::milliseconds(30);
  Nanoseconds max_backoff = std::chrono::seconds(5);
  bool retry_on_429 = true;
  Nanoseconds sample_age_limit{0};
  ConfigNode passed_over;
};

void AddFields(Settings& s, Fields* f) {
  s.Add("name", &f->name, "", "-");
  s.Add("url", &f->url, "", "-");
  s.Add("remote_timeout", &f->peer.peer.http.timeout, "", "-");
  s.Add("headers", &f->headers, "");
  s.Add("write_relabel_configs", &f->write_relabel_configs, "");
  AddPeerSettings(s, &f->peer);
  s.Add("queue_config.max_samples_per_send", &f->max_samples_per_send, "", "-");
  s.Add("queue_config.min_backoff", &f->min_backoff, "", "-");
  s.Add("queue_config.max_backoff", &f->max_backoff, "", "-");
  s.Add("queue_config.retry_on_http_429", &f->retry_on_429, "", "-");
  s.Add("queue_config.sample_age_limit", &f->sample_age_limit, "", "-");
  // What Prometheus' queue in memory needs, and what it sends besides samples.
  for (const char* key :
       {"queue_config.capacity", "queue_config.max_shards", "queue_config.min_shards",
        "queue_config.batch_send_deadline", "metadata_config", "send_exemplars",
        "send_native_histograms", "enable_http2", "protobuf_message", "round_robin_dns"}) {
    s.Add(key, &f->passed_over, "");
  }
}

Status CheckFields(const Fields& fields) {
  if (fields.url.empty()) return InvalidArgument("url is not configured");
  if (fields.max_samples_per_send <= 0) {
    return InvalidArgument("queue_config.max_samples_per_send must be greater than 0");
  }
  if (fields.min_backoff.count() <= 0 || fields.max_backoff < fields.min_backoff) {
    return InvalidArgument("queue_config.min_backoff must be above 0 and below max_backoff");
  }
  return {};
}

Result<PeerOptions> CompilePeerOf(const Fields& fields) {
  SKALD_ASSIGN_OR_RETURN(PeerOptions peer, CompilePeer(fields.peer, ReadAwsEnvironment()));
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
                           .max_samples = static_cast<size_t>(fields.max_samples_per_send),
                           .min_backoff = fields.min_backoff,
                           .max_backoff = fields.max_backoff,
                           .retry_on_429 = fields.retry_on_429,
                           .sample_age_limit = fields.sample_age_limit};
  client.name = fields.name.empty() ? client.id : fields.name;
  net::HttpClientOptions& http = fields.peer.peer.http;
  if (Status status = MoveUserInfo(client.url, http.username, http.password); !status.ok()) {
    return Annotate(std::move(status), "url");
  }
  SKALD_ASSIGN_OR_RETURN(client.peer, CompilePeerOf(fields));
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
