#include "notify/sample_writer.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/executor.h"
#include "common/hash.h"
#include "common/logging.h"
#include "common/metrics.h"
#include "common/mutex.h"
#include "net/http_types.h"
#include "notify/remote_receiver.h"
#include "notify/sample_queue.h"
#include "notify/series_count.h"

namespace skald::notify {
namespace {

// Of a tenant's folder: so that no tenant's name is that of another folder.
constexpr std::string_view kFolderPrefix = "tenant-";
// After an error of the disk.
constexpr std::chrono::nanoseconds kDiskPause = std::chrono::seconds(5);

// The series of a tenant.
struct TenantMetrics {
  explicit TenantMetrics(const MetricLabels& labels)
      : appended(Metrics::GetCounter("loki_ruler_wal_samples_appended_total",
                                     "Samples written to the queue", labels)),
        disk_size(
            Metrics::GetGauge("loki_ruler_wal_disk_size", "Bytes of the queue of samples", labels)),
        ready(Metrics::GetGauge("loki_ruler_wal_appender_ready",
                                "Whether samples are taken for sending", labels)),
        highest(Metrics::GetGauge(
            "loki_ruler_wal_prometheus_remote_storage_highest_timestamp_in_seconds",
            "Time of the latest sample appended", labels)) {}
  const Counter appended;
  const Gauge disk_size;
  const Gauge ready;
  const Gauge highest;
};

// A receiver with its turn. The mutex of the writer guards what is not const; `receiver` belongs to
// the thread that has set busy.
struct Sender {
  Sender(const RemoteReceiver::Options& options, RemoteWriteClient client, FileSystem& files,
         const Clock& clock)
      : id(client.id), text(client.text), receiver(options, std::move(client), files, clock) {}

  const std::string id;
  const std::string text;
  RemoteReceiver receiver;
  bool busy = false;
  int64_t next_ns = 0;  // Monotonic: not before.
};
using Senders = std::map<std::string, std::shared_ptr<Sender>>;  // By id.

// One tenant.
struct TenantSamples {
  explicit TenantSamples(const std::string& name)
      : name(name), metrics({{"tenant", name}}), series(name) {}

  const std::string name;
  const TenantMetrics metrics;
  SeriesCount series;

  Mutex config_mutex;
  std::shared_ptr<const Limits> limits SKALD_GUARDED_BY(config_mutex);  // Senders are made by.
  // Null until there is a sender; then it stays.
  std::shared_ptr<SampleQueue> queue SKALD_GUARDED_BY(config_mutex);
  Senders senders SKALD_GUARDED_BY(config_mutex);
};

// What of a tenant threads work with.
struct Active {
  std::shared_ptr<SampleQueue> queue;
  Senders senders;
};

}  // namespace

struct SampleWriter::Rep {
  Rep(const Options& o, const LimitsSource& l, FileSystem& f, const Clock& c)
      : options(o), limits(l), files(f), clock(c), executor("samples", o.threads) {}

  Status Recover();
  TenantSamples& Find(std::string_view tenant) SKALD_EXCLUDES(mutex);
  // The tenant's queue and senders by its limits of now.
  Result<Active> Configure(TenantSamples& tenant) SKALD_EXCLUDES(mutex);
  Status SetSenders(TenantSamples& tenant, std::vector<RemoteWriteClient> clients)
      SKALD_REQUIRES(tenant.config_mutex);

  void Tick() SKALD_EXCLUDES(mutex);
  void Submit(TenantSamples& tenant, const Active& active) SKALD_EXCLUDES(mutex);
  void SendAll(SampleQueue& queue, Sender& sender);
  // How long to wait before the next try; nothing if all is sent.
  std::optional<std::chrono::nanoseconds> SendPending(SampleQueue& queue, Sender& sender);

  const Options options;
  const LimitsSource& limits;
  FileSystem& files;
  const Clock& clock;
  CancelToken cancel;

  Mutex mutex;
  // Never removed from: threads refer to them.
  StringMap<std::unique_ptr<TenantSamples>> tenants SKALD_GUARDED_BY(mutex);

  Executor executor;
  std::unique_ptr<PeriodicTask> ticker;
};

// Takes up what an earlier process has left.
Status SampleWriter::Rep::Recover() {
  SKALD_RETURN_IF_ERROR(CompileClients(options.remote_write, ConfigNode()).status());
  const std::string& folder = options.remote_write.folder;
  const auto names = files.List(folder);
  if (!names.ok() && names.status().code() == StatusCode::kNotFound) return {};
  SKALD_RETURN_IF_ERROR(names.status());
  for (std::string_view name : *names) {
    if (!name.starts_with(kFolderPrefix)) continue;
    const auto tenant = net::DecodePathSegment(name.substr(kFolderPrefix.size()));
    if (!tenant.ok()) continue;
    const Status status = Configure(Find(*tenant)).status();
    if (status.code() == StatusCode::kResourceExhausted) {  // A full disk does not stop a start.
      LogError("cannot take up a queue of samples; trying again",
               {{"tenant", *tenant}, {"error", status}});
      continue;
    }
    SKALD_RETURN_IF_ERROR(status);
  }
  return {};
}

TenantSamples& SampleWriter::Rep::Find(std::string_view name) {
  MutexLock lock(mutex);
  auto& tenant = tenants[std::string(name)];
  if (tenant == nullptr) tenant = std::make_unique<TenantSamples>(std::string(name));
  return *tenant;
}

Result<Active> SampleWriter::Rep::Configure(TenantSamples& tenant) {
  MutexLock lock(tenant.config_mutex);
  std::shared_ptr<const Limits> now = limits.For(tenant.name);
  if (now == tenant.limits) return Active{tenant.queue, tenant.senders};
  std::vector<RemoteWriteClient> clients;
  if (options.remote_write.enabled && !now->ruler_remote_write_disabled) {
    auto compiled = CompileClients(options.remote_write, now->ruler_remote_write_config);
    if (compiled.ok()) {
      clients = *std::move(compiled);
    } else {
      LogError("ruler_remote_write_config is wrong; samples go where they went before",
               {{"tenant", tenant.name}, {"error", compiled.status()}});
      tenant.limits = std::move(now);
      return Active{tenant.queue, tenant.senders};
    }
  }
  SKALD_RETURN_IF_ERROR(SetSenders(tenant, std::move(clients)));
  tenant.limits = std::move(now);
  return Active{tenant.queue, tenant.senders};
}

Status SampleWriter::Rep::SetSenders(TenantSamples& tenant,
                                     std::vector<RemoteWriteClient> clients) {
  if (tenant.queue == nullptr && !clients.empty()) {
    const RemoteWriteSettings& settings = options.remote_write;
    const std::string folder = JoinPath(
        settings.folder, std::string(kFolderPrefix) + net::EncodeUrlComponent(tenant.name));
    SKALD_ASSIGN_OR_RETURN(tenant.queue, SampleQueue::Open({.segment_bytes = options.segment_bytes,
                                                            .max_bytes = settings.max_bytes},
                                                           folder, files));
  }
  if (tenant.queue == nullptr) return {};
  std::vector<std::string> ids;
  Senders senders;
  for (RemoteWriteClient& client : clients) {
    ids.push_back(client.id);
    const auto known = tenant.senders.find(client.id);
    if (known != tenant.senders.end() && known->second->text == client.text) {
      senders.insert(*known);
      continue;
    }
    const RemoteReceiver::Options receiver{
        .tenant = tenant.name,
        .add_org_id_header = options.remote_write.add_org_id_header,
        .max_age = options.remote_write.max_age};
    auto sender = std::make_shared<Sender>(receiver, std::move(client), files, clock);
    senders.emplace(sender->id, sender);
  }
  SKALD_RETURN_IF_ERROR(tenant.queue->SetClients(ids));
  tenant.senders = std::move(senders);
  tenant.metrics.ready.Set(tenant.senders.empty() ? 0 : 1);
  return {};
}

void SampleWriter::Rep::Tick() {
  std::vector<TenantSamples*> all;
  {
    MutexLock lock(mutex);
    for (const auto& [name, tenant] : tenants) all.push_back(tenant.get());
  }
  for (TenantSamples* tenant : all) {
    const auto active = Configure(*tenant);
    if (!active.ok()) {
      LogError("cannot open a queue of samples",
               {{"tenant", tenant->name}, {"error", active.status()}});
    } else if (active->queue != nullptr) {
      Submit(*tenant, *active);
    }
  }
}

// Gives threads what can be sent now.
void SampleWriter::Rep::Submit(TenantSamples& tenant, const Active& active) {
  tenant.metrics.disk_size.Set(static_cast<double>(active.queue->bytes()));
  for (const auto& [id, sender] : active.senders) {
    const uint64_t pending = active.queue->Pending(id);
    sender->receiver.SetPending(pending);
    if (const uint64_t dropped = active.queue->TakeDropped(id); dropped > 0) {
      sender->receiver.CountDropped(dropped);
      LogWarn("samples have been dropped unsent for want of space; see ruler.wal.max_bytes",
              {{"tenant", tenant.name}, {"client", id}, {"count", dropped}});
    }
    MutexLock lock(mutex);
    if (sender->busy || pending == 0 || clock.MonotonicNs() < sender->next_ns) continue;
    sender->busy = true;
    executor.Submit([this, queue = active.queue, sender = sender] { SendAll(*queue, *sender); });
  }
}

void SampleWriter::Rep::SendAll(SampleQueue& queue, Sender& sender) {
  const auto pause = SendPending(queue, sender);
  MutexLock lock(mutex);
  if (pause.has_value()) sender.next_ns = clock.MonotonicNs() + pause->count();
  sender.busy = false;
}

std::optional<std::chrono::nanoseconds> SampleWriter::Rep::SendPending(SampleQueue& queue,
                                                                       Sender& sender) {
  const size_t count = sender.receiver.client().max_samples;
  while (!cancel.cancelled()) {
    auto batch = queue.Read(sender.id, count);
    if (!batch.ok()) {
      LogError("cannot read the queue of samples; trying again", {{"error", batch.status()}});
      return kDiskPause;
    }
    if (batch->end == batch->begin) return std::nullopt;
    if (sender.receiver.Send(batch->samples, cancel) == RemoteReceiver::Outcome::kAgain) {
      return sender.receiver.pause();
    }
    if (Status status = queue.Acknowledge(sender.id, *batch); !status.ok()) {
      LogWarn("cannot store what has been sent; after a crash it would be sent again",
              {{"client", sender.id}, {"error", status}});
    }
  }
  return std::nullopt;
}

SampleWriter::SampleWriter(std::unique_ptr<Rep> rep) : rep_(std::move(rep)) {
  rep_->ticker = std::make_unique<PeriodicTask>("samples-tick", rep_->options.tick,
                                                [rep = rep_.get()] { rep->Tick(); });
}

SampleWriter::~SampleWriter() { Stop(); }

Result<std::unique_ptr<SampleWriter>> SampleWriter::Open(const Options& options,
                                                         const LimitsSource& limits,
                                                         FileSystem& files, const Clock& clock) {
  auto rep = std::make_unique<Rep>(options, limits, files, clock);
  SKALD_RETURN_IF_ERROR(rep->Recover());
  return std::unique_ptr<SampleWriter>(new SampleWriter(std::move(rep)));
}

Status SampleWriter::Append(std::string_view name, std::span<const Sample> samples) {
  if (samples.empty()) return {};
  TenantSamples& tenant = rep_->Find(name);
  SKALD_ASSIGN_OR_RETURN(const Active active, rep_->Configure(tenant));
  if (active.queue == nullptr || active.senders.empty()) return {};
  SKALD_RETURN_IF_ERROR(active.queue->Append(samples));
  tenant.metrics.appended.Add(static_cast<double>(samples.size()));
  tenant.series.Add(samples);
  for (const Sample& sample : samples) {
    tenant.metrics.highest.Set(
        std::max(tenant.metrics.highest.value(), static_cast<double>(sample.time_ms) / 1e3));
  }
  return {};
}

void SampleWriter::Stop() {
  rep_->cancel.Cancel();
  rep_->ticker->Stop();
  rep_->executor.Stop();
}

}  // namespace skald::notify
