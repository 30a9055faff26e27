#include "patterns/metric_aggregator.h"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/executor.h"
#include "common/hash.h"
#include "common/metrics.h"
#include "common/mutex.h"
#include "patterns/entry_level.h"
#include "patterns/internal_entries.h"

namespace skald::patterns {
namespace {

// Counts that wait; with more they are written before their time.
constexpr size_t kMaxWaiting = 100'000;

// Of one stream and level in one period of time.
struct Total {
  std::shared_ptr<const model::Labels> labels;
  uint64_t lines = 0;
  uint64_t bytes = 0;
};
struct Key {
  uint64_t fingerprint = 0;
  int64_t period = 0;
  std::string level;

  friend auto operator<=>(const Key&, const Key&) = default;
};
using Totals = std::map<Key, Total>;

std::string LineOf(const Key& key, const Total& total, int64_t time_ns) {
  std::string line;
  AppendField(line, "ts", std::to_string(time_ns));
  AppendField(line, "bytes", std::to_string(total.bytes));
  AppendField(line, "count", std::to_string(total.lines));
  AppendField(line, kDetectedLevel, key.level);
  for (const model::LabelView& label : *total.labels) AppendField(line, label.name, label.value);
  return line;
}

uint64_t BytesOf(const model::PushBatch& batch, const model::PushEntry& entry) {
  uint64_t bytes = entry.line.size();
  for (uint32_t i = 0; i < entry.metadata_count; ++i) {
    const model::MetadataPair& pair = batch.metadata[entry.metadata_begin + i];
    if (pair.name != kDetectedLevel) bytes += pair.name.size() + pair.value.size();
  }
  return bytes;
}

}  // namespace

struct MetricAggregator::Rep {
  Rep(const Options& o, const LimitsSource& l, Write w)
      : options(o),
        limits(l),
        write(std::move(w)),
        worker("aggregated metrics", o.push_period, [this] { Flush(); }) {}

  void AddStream(Totals& totals, const model::PushBatch& batch, const model::PushStream& stream)
      SKALD_REQUIRES(mutex);
  void Flush() SKALD_EXCLUDES(flush_mutex, mutex);
  model::PushBatch BatchOf(const Totals& totals, bool with_level) SKALD_REQUIRES(flush_mutex);

  const Options options;
  const LimitsSource& limits;
  const Write write;

  Mutex mutex;
  StringMap<Totals> tenants SKALD_GUARDED_BY(mutex);
  size_t waiting SKALD_GUARDED_BY(mutex) = 0;
  bool stopping SKALD_GUARDED_BY(mutex) = false;

  Mutex flush_mutex;  // One writes at a time, so that what Stop writes comes last.
  uint64_t written SKALD_GUARDED_BY(flush_mutex) = 0;

  PeriodicTask worker;  // Last: its thread uses the above.
};

void MetricAggregator::Rep::AddStream(Totals& totals, const model::PushBatch& batch,
                                      const model::PushStream& stream) {
  const int64_t period_ns = options.sample_period.count();
  Key key{.fingerprint = stream.fingerprint.value()};
  Total* total = nullptr;
  for (uint32_t i = stream.entry_begin; i < stream.entry_begin + stream.entry_count; ++i) {
    const model::PushEntry& entry = batch.entries[i];
    const std::string_view level = EntryLevel(batch, entry);
    const int64_t period = entry.time_ns / period_ns;
    if (total == nullptr || key.period != period || key.level != level) {
      key.period = period;
      key.level = level;
      const auto [found, added] = totals.try_emplace(key);
      total = &found->second;
      if (added) {
        total->labels = stream.labels;
        ++waiting;
      }
    }
    ++total->lines;
    total->bytes += BytesOf(batch, entry);
  }
}

model::PushBatch MetricAggregator::Rep::BatchOf(const Totals& totals, bool with_level) {
  InternalEntries entries(kAggregatedMetricLabel, with_level);
  const int64_t period_ns = options.sample_period.count();
  for (const auto& [key, total] : totals) {
    const int64_t period_begin_ns = key.period * period_ns;
    // Two of one period may be equal, and must not be taken for one that was sent twice.
    const int64_t time_ns = period_begin_ns + static_cast<int64_t>(written++ % 1'000'000);
    entries.Add(ServiceOf(*total.labels), time_ns, key.level, LineOf(key, total, period_begin_ns));
  }
  return entries.Finish();
}

void MetricAggregator::Rep::Flush() {
  MutexLock one(flush_mutex);
  StringMap<Totals> counted;
  {
    MutexLock lock(mutex);
    counted.swap(tenants);
    waiting = 0;
  }
  for (const auto& [tenant, totals] : counted) {
    Metrics::GetCounter("loki_pattern_ingester_metric_samples",
                        "Entries written of what streams were pushed.", {{"tenant", tenant}})
        .Add(static_cast<double>(totals.size()));
    const bool with_level = limits.For(tenant)->allow_structured_metadata;
    write(model::TenantId(tenant), BatchOf(totals, with_level));
  }
}

MetricAggregator::MetricAggregator(const Options& options, const LimitsSource& limits, Write write)
    : rep_(std::make_unique<Rep>(options, limits, std::move(write))) {}

MetricAggregator::~MetricAggregator() { Stop(); }

void MetricAggregator::Add(const model::TenantId& tenant, const model::PushBatch& batch) {
  if (!rep_->limits.For(tenant.value())->metric_aggregation_enabled) return;
  bool full = false;
  {
    MutexLock lock(rep_->mutex);
    if (rep_->stopping) return;
    Totals& totals = rep_->tenants[tenant.value()];
    for (const model::PushStream& stream : batch.streams) {
      if (!IsInternal(*stream.labels)) rep_->AddStream(totals, batch, stream);
    }
    if (totals.empty()) rep_->tenants.erase(tenant.value());
    full = rep_->waiting > kMaxWaiting;
  }
  if (full) rep_->worker.Trigger();
}

void MetricAggregator::Flush() { rep_->Flush(); }

void MetricAggregator::Stop() {
  {
    MutexLock lock(rep_->mutex);
    if (rep_->stopping) return;
    rep_->stopping = true;
  }
  rep_->worker.Stop();
  rep_->Flush();
}

}  // namespace skald::patterns
