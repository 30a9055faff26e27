#include "notify/alert_sender.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "common/executor.h"
#include "common/hash.h"
#include "common/logging.h"
#include "common/metrics.h"
#include "common/mutex.h"
#include "common/summary.h"
#include "notify/alert_queue.h"
#include "notify/answer.h"
#include "notify/external_labels.h"
#include "notify/peer.h"

namespace skald::notify {
namespace {

using std::chrono::nanoseconds;

constexpr size_t kBatchAlerts = 64;  // As Prometheus sends.
// Prometheus sends resolved alerts for so long: who was not told until then need not be.
constexpr nanoseconds kMaxWait = std::chrono::minutes(15);

std::string Named(const char* name) { return std::string("loki_prometheus_notifications_") + name; }

// The series of one server of a tenant.
struct ServerMetrics {
  explicit ServerMetrics(const MetricLabels& labels)
      : sent(Metrics::GetCounter(Named("sent_total"), "Alerts sent", labels)),
        errors(Metrics::GetCounter(Named("errors_total"),
                                   "Alerts that sending failed for, each try", labels)),
        latency(Summary::Get(Named("latency_seconds"), "Time of sending alerts", labels)) {}
  const Counter sent;
  const Counter errors;
  const Summary latency;
};

// The series of a tenant.
struct TenantMetrics {
  explicit TenantMetrics(const MetricLabels& labels)
      : dropped(Metrics::GetCounter(Named("dropped_total"), "Alerts dropped unsent", labels)),
        queue_length(Metrics::GetGauge(Named("queue_length"), "Alerts that wait", labels)),
        queue_capacity(Metrics::GetGauge(Named("queue_capacity"),
                                         "Alerts that may wait for a server", labels)),
        discovered(Metrics::GetGauge(Named("alertmanagers_discovered"),
                                     "Servers that alerts are sent to", labels)) {}
  const Counter dropped;
  const Gauge queue_length;
  const Gauge queue_capacity;
  const Gauge discovered;
};

// One server of a tenant. The mutex of the sender guards what is not const.
struct Server {
  Server(const std::string& tenant, std::string url, const std::string& api_path,
         const PeerOptions& options, size_t capacity, FileSystem& files, const Clock& clock)
      : url(std::move(url)),
        target(this->url + api_path),
        peer(options, files, clock),
        metrics({{"user", tenant}, {"alertmanager", target}}),
        queue(capacity) {}

  const std::string url;
  const std::string target;
  Peer peer;
  const ServerMetrics metrics;
  AlertQueue queue;
  bool busy = false;    // A thread sends to it.
  int failures = 0;     // In a row.
  int64_t next_ns = 0;  // Monotonic: not before.
};

// What is kept of a tenant. The mutex of the sender guards it.
struct TenantAlerts {
  explicit TenantAlerts(const std::string& name) : name(name), metrics({{"user", name}}) {}

  const std::string name;
  const TenantMetrics metrics;
  std::shared_ptr<const Limits> limits;  // What options were made from: of them,
  std::string config_text;               // ruler_alertmanager_config.
  AlertmanagerOptions options;
  std::map<std::string, std::shared_ptr<Server>> servers;  // By URL.
  std::unique_ptr<AlertQueue> homeless;  // Alerts of a time when no server was known.
  int64_t refresh_ns = 0;                // Monotonic: when to look up again.
  bool looking_up = false;
};

// The URL with a look-up's answer in place of its host.
std::string WithTarget(const std::string& url, const SrvTarget& target) {
  const size_t host = url.find("://") + 3;
  const size_t path = std::min(url.find('/', host), url.size());
  return url.substr(0, host) + target.host + ":" + std::to_string(target.port) + url.substr(path);
}

std::string HostOf(const std::string& url) {
  const size_t host = url.find("://") + 3;
  return url.substr(host, url.find_first_of("/:", host) - host);
}

}  // namespace

struct AlertSender::Rep {
  Rep(const Options& o, const LimitsSource& l, FileSystem& f, const Clock& c)
      : options(o), limits(l), files(f), clock(c), executor("alerts", o.threads) {}

  TenantAlerts& Find(std::string_view tenant) SKALD_REQUIRES(mutex);
  Status Configure(TenantAlerts& tenant) SKALD_REQUIRES(mutex);
  void Enqueue(TenantAlerts& tenant, std::span<const Alert> alerts) SKALD_REQUIRES(mutex);
  using Found = std::map<std::string, PeerOptions>;  // By URL.
  void SetServers(TenantAlerts& tenant, const Found& found) SKALD_REQUIRES(mutex);
  void Submit(TenantAlerts& tenant) SKALD_REQUIRES(mutex);
  void CountQueue(TenantAlerts& tenant) SKALD_REQUIRES(mutex);

  void Tick() SKALD_EXCLUDES(mutex);
  void LookUp(TenantAlerts& tenant, const AlertmanagerOptions& of) SKALD_EXCLUDES(mutex);
  void SendAll(TenantAlerts& tenant, const std::shared_ptr<Server>& server) SKALD_EXCLUDES(mutex);
  Result<net::Response> Post(Server& server, std::span<const Alert> alerts) SKALD_EXCLUDES(mutex);
  nanoseconds Backoff(int failures) const;

  const Options options;
  const LimitsSource& limits;
  FileSystem& files;
  const Clock& clock;
  CancelToken cancel;

  Mutex mutex;
  // Never removed from: threads refer to them.
  StringMap<std::unique_ptr<TenantAlerts>> tenants SKALD_GUARDED_BY(mutex);

  Executor executor;
  std::unique_ptr<PeriodicTask> ticker;
};

TenantAlerts& AlertSender::Rep::Find(std::string_view name) {
  auto& tenant = tenants[std::string(name)];
  if (tenant == nullptr) tenant = std::make_unique<TenantAlerts>(std::string(name));
  return *tenant;
}

// Brings the tenant's options up to date with its limits. After an error they stay as they were.
Status AlertSender::Rep::Configure(TenantAlerts& tenant) {
  std::shared_ptr<const Limits> now = limits.For(tenant.name);
  if (now == tenant.limits) return {};
  const bool first = tenant.limits == nullptr;
  tenant.limits = std::move(now);
  std::string text = PrintYaml(tenant.limits->ruler_alertmanager_config);
  if (!first && text == tenant.config_text) return {};
  tenant.config_text = std::move(text);
  SKALD_ASSIGN_OR_RETURN(
      const AlertmanagerSettings merged,
      MergeAlertmanagers(options.alertmanagers, tenant.limits->ruler_alertmanager_config));
  SKALD_ASSIGN_OR_RETURN(tenant.options, CompileAlertmanagers(merged));
  tenant.servers.clear();
  tenant.homeless = std::make_unique<AlertQueue>(tenant.options.queue_capacity);
  tenant.refresh_ns = clock.MonotonicNs();
  tenant.metrics.queue_capacity.Set(static_cast<double>(tenant.options.queue_capacity));
  if (tenant.options.discovery) return {};
  Found found;
  for (size_t i = 0; i < tenant.options.urls.size(); ++i) {
    found.emplace(tenant.options.urls[i], tenant.options.peers[i]);
  }
  SetServers(tenant, found);
  return {};
}

void AlertSender::Rep::SetServers(TenantAlerts& tenant, const Found& found) {
  for (auto it = tenant.servers.begin(); it != tenant.servers.end();) {
    it = found.contains(it->first) ? std::next(it) : tenant.servers.erase(it);
  }
  for (const auto& [url, peer] : found) {
    auto& server = tenant.servers[url];
    if (server != nullptr) continue;
    server = std::make_shared<Server>(tenant.name, url, tenant.options.api_path, peer,
                                      tenant.options.queue_capacity, files, clock);
  }
  if (!tenant.servers.empty()) {
    const std::vector<Alert> waiting = tenant.homeless->Take(tenant.homeless->size());
    for (const auto& [url, server] : tenant.servers) server->queue.Push(waiting);
  }
  tenant.metrics.discovered.Set(static_cast<double>(tenant.servers.size()));
}

// Gives threads what can be sent or looked up now.
void AlertSender::Rep::Submit(TenantAlerts& tenant) {
  const int64_t now_ns = clock.MonotonicNs();
  if (tenant.options.discovery && !tenant.looking_up && now_ns >= tenant.refresh_ns) {
    tenant.looking_up = true;
    executor.Submit([this, &tenant, of = tenant.options] { LookUp(tenant, of); });
  }
  for (const auto& [url, server] : tenant.servers) {
    if (server->busy || server->queue.empty() || now_ns < server->next_ns) continue;
    server->busy = true;
    executor.Submit([this, &tenant, server = server] { SendAll(tenant, server); });
  }
}

void AlertSender::Rep::Enqueue(TenantAlerts& tenant, std::span<const Alert> alerts) {
  if (tenant.options.urls.empty()) return;
  std::vector<Alert> relabelled;
  for (const Alert& alert : alerts) {
    auto labels =
        tenant.options.relabel.Apply(WithExternalLabels(alert.labels, options.external_labels));
    if (!labels.has_value() || labels->empty()) continue;
    relabelled.push_back(alert);
    relabelled.back().labels = *std::move(labels);
  }
  size_t dropped = tenant.servers.empty() ? tenant.homeless->Push(relabelled) : 0;
  for (const auto& [url, server] : tenant.servers) dropped += server->queue.Push(relabelled);
  tenant.metrics.dropped.Add(static_cast<double>(dropped));
  CountQueue(tenant);
  Submit(tenant);
}

void AlertSender::Rep::CountQueue(TenantAlerts& tenant) {
  size_t longest = tenant.homeless == nullptr ? 0 : tenant.homeless->size();
  for (const auto& [url, server] : tenant.servers) {
    longest = std::max(longest, server->queue.size());
  }
  tenant.metrics.queue_length.Set(static_cast<double>(longest));
}

void AlertSender::Rep::Tick() {
  const int64_t too_old = clock.NowNs() - kMaxWait.count();
  MutexLock lock(mutex);
  for (const auto& [name, tenant] : tenants) {
    size_t dropped = tenant->homeless == nullptr ? 0 : tenant->homeless->DropOlderThan(too_old);
    for (const auto& [url, server] : tenant->servers) {
      dropped += server->queue.DropOlderThan(too_old);
    }
    tenant->metrics.dropped.Add(static_cast<double>(dropped));
    CountQueue(*tenant);
    Submit(*tenant);
  }
}

void AlertSender::Rep::LookUp(TenantAlerts& tenant, const AlertmanagerOptions& of) {
  Found found;
  Status status;
  for (size_t i = 0; i < of.urls.size() && status.ok(); ++i) {
    const auto targets = options.look_up(HostOf(of.urls[i]));
    status = targets.status();
    if (!targets.ok()) break;
    for (const SrvTarget& target : *targets) {
      found.emplace(WithTarget(of.urls[i], target), of.peers[i]);
    }
  }
  if (!status.ok()) {
    LogWarn("cannot find Alertmanagers; those known stay",
            {{"tenant", tenant.name}, {"error", status}});
  }
  MutexLock lock(mutex);
  tenant.looking_up = false;
  tenant.refresh_ns =
      clock.MonotonicNs() +
      (status.ok() ? of.refresh_interval : std::min(of.refresh_interval, options.max_backoff))
          .count();
  // Unless the tenant has got other options meanwhile.
  if (status.ok() && of.urls == tenant.options.urls && tenant.options.discovery) {
    SetServers(tenant, found);
  }
}

// Tells a server what waits for it, until nothing does or it does not take it.
void AlertSender::Rep::SendAll(TenantAlerts& tenant, const std::shared_ptr<Server>& server) {
  while (!cancel.cancelled()) {
    std::vector<Alert> batch;
    {
      MutexLock lock(mutex);
      batch = server->queue.Take(kBatchAlerts);
      if (batch.empty()) {
        server->busy = false;
        return;
      }
    }
    const auto answer = Post(*server, batch);
    const Status status = FromAnswer(answer);
    const auto count = static_cast<double>(batch.size());
    if (status.ok()) {
      server->metrics.sent.Add(count);
      MutexLock lock(mutex);
      server->failures = 0;
      continue;
    }
    if (cancel.cancelled()) return;
    server->metrics.errors.Add(count);
    const bool again = IsWorthSendingAgain(answer);
    LogWarn(again ? "alerts not sent; trying again" : "alerts refused",
            {{"tenant", tenant.name},
             {"alertmanager", server->target},
             {"count", batch.size()},
             {"error", status}});
    if (!again) {
      tenant.metrics.dropped.Add(count);
      continue;
    }
    MutexLock lock(mutex);
    tenant.metrics.dropped.Add(static_cast<double>(server->queue.PutBack(std::move(batch))));
    server->next_ns = clock.MonotonicNs() + Backoff(server->failures++).count();
    server->busy = false;
    return;
  }
}

Result<net::Response> AlertSender::Rep::Post(Server& server, std::span<const Alert> alerts) {
  std::string body;
  AppendAlertsJson(body, alerts);
  net::Headers headers;
  headers.Add("Content-Type", "application/json");
  const int64_t begin_ns = clock.MonotonicNs();
  auto answer = server.peer.Post(server.target, headers, body, cancel);
  server.metrics.latency.Observe(static_cast<double>(clock.MonotonicNs() - begin_ns) / 1e9);
  return answer;
}

nanoseconds AlertSender::Rep::Backoff(int failures) const {
  return std::min(options.max_backoff,
                  options.min_backoff * (int64_t{1} << std::min(failures, 20)));
}

AlertSender::AlertSender(const Options& options, const LimitsSource& limits, FileSystem& files,
                         const Clock& clock)
    : rep_(std::make_unique<Rep>(options, limits, files, clock)) {
  rep_->ticker = std::make_unique<PeriodicTask>("alerts-tick", options.tick,
                                                [rep = rep_.get()] { rep->Tick(); });
}

AlertSender::~AlertSender() { Stop(); }

void AlertSender::Send(std::string_view tenant_name, std::span<const Alert> alerts) {
  Status status;
  {
    MutexLock lock(rep_->mutex);
    TenantAlerts& tenant = rep_->Find(tenant_name);
    status = rep_->Configure(tenant);
    rep_->Enqueue(tenant, alerts);
  }
  if (!status.ok()) {
    LogError("ruler_alertmanager_config is wrong; alerts go where they went before",
             {{"tenant", tenant_name}, {"error", status}});
  }
}

void AlertSender::Stop() {
  rep_->cancel.Cancel();
  rep_->ticker->Stop();
  rep_->executor.Stop();
}

}  // namespace skald::notify
