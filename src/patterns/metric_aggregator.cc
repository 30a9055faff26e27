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
constexpr size_t kManyWaiting = 50'000;
// With so many, as writing does not work, there are no new ones.
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

// Counts on their way to be written. The same entries come of them each time, so that the store
// takes none twice.
struct Batch {
  Totals totals;
  uint64_t first_number = 0;  // Of its entries.
};

std::string LineOf(const Key& key, const Total& total, int64_t time_ns) {
  std::string line;
  AppendField(line, "ts", std::to_string(time_ns));
  AppendField(line, "bytes", std::to_string(total.bytes));
  AppendField(line, "count", std::to_string(total.lines));
  AppendField(line, kDetectedLevel, key.level);
  for (const model::LabelView& label : *total.labels) AppendField(line, label.name, label.value);
  return line;
}

void CountWritten(const std::string& tenant, size_t entries) {
  Metrics::GetCounter("loki_pattern_ingester_metric_samples",
                      "Entries written of what streams were pushed.", {{"tenant", tenant}})
      .Add(static_cast<double>(entries));
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
  Rep(const Options& o, const LimitsSource& l, WriteEntries w)
      : options(o),
        limits(l),
        write(std::move(w)),
        uncounted(Metrics::GetCounter(
            "loki_pattern_ingester_unaggregated_entries_total",
            "Entries not counted in aggregated metrics, as too many counts wait to be written.")),
        worker("aggregated metrics", o.push_period, [this] { Flush(); }) {}

  // What is counted under `key`; null if no more can be.
  Total* Find(Totals& totals, const Key& key, const model::PushStream& stream)
      SKALD_REQUIRES(mutex);
  void AddStream(Totals& totals, const model::PushBatch& batch, const model::PushStream& stream)
      SKALD_REQUIRES(mutex);
  void Flush() SKALD_EXCLUDES(flush_mutex, mutex);
  std::vector<std::string> Unwritten() SKALD_REQUIRES(flush_mutex) SKALD_EXCLUDES(mutex);
  // Writes the batch that waits, or what was counted since; false if there is none, or it must
  // wait.
  bool WriteBatch(const std::string& tenant) SKALD_REQUIRES(flush_mutex) SKALD_EXCLUDES(mutex);
  model::PushBatch EntriesOf(const Batch& batch, bool with_level) const;

  const Options options;
  const LimitsSource& limits;
  const WriteEntries write;
  const Counter uncounted;

  Mutex mutex;
  StringMap<Totals> tenants SKALD_GUARDED_BY(mutex);
  size_t waiting SKALD_GUARDED_BY(mutex) = 0;
  bool stopping SKALD_GUARDED_BY(mutex) = false;

  Mutex flush_mutex;  // One writes at a time, so that what Stop writes comes last.
  StringMap<Batch> taken SKALD_GUARDED_BY(flush_mutex);  // And not yet written.
  uint64_t next_number SKALD_GUARDED_BY(flush_mutex) = 0;

  PeriodicTask worker;  // Last: its thread uses the above.
};

Total* MetricAggregator::Rep::Find(Totals& totals, const Key& key,
                                   const model::PushStream& stream) {
  const auto found = totals.find(key);
  if (found != totals.end()) return &found->second;
  if (waiting >= kMaxWaiting) return nullptr;
  ++waiting;
  return &totals.emplace(key, Total{.labels = stream.labels}).first->second;
}

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
      total = Find(totals, key, stream);
    }
    if (total == nullptr) {
      uncounted.Add();
      continue;
    }
    ++total->lines;
    total->bytes += BytesOf(batch, entry);
  }
}

model::PushBatch MetricAggregator::Rep::EntriesOf(const Batch& batch, bool with_level) const {
  InternalEntries entries(kAggregatedMetricLabel, with_level);
  const int64_t period_ns = options.sample_period.count();
  uint64_t number = batch.first_number;
  for (const auto& [key, total] : batch.totals) {
    const int64_t period_begin_ns = key.period * period_ns;
    // Two of one period may be equal, and must not be taken for one that was sent twice.
    const int64_t time_ns = period_begin_ns + static_cast<int64_t>(number++ % 1'000'000);
    entries.Add(ServiceOf(*total.labels), time_ns, key.level, LineOf(key, total, period_begin_ns));
  }
  return entries.Finish();
}

void MetricAggregator::Rep::Flush() {
  MutexLock one(flush_mutex);
  for (const std::string& tenant : Unwritten()) {
    const bool waited = taken.contains(tenant);
    if (WriteBatch(tenant) && waited) WriteBatch(tenant);  // What came since.
  }
}

std::vector<std::string> MetricAggregator::Rep::Unwritten() {
  std::vector<std::string> all;
  for (const auto& [tenant, batch] : taken) all.push_back(tenant);
  MutexLock lock(mutex);
  for (const auto& [tenant, totals] : tenants) {
    if (!taken.contains(tenant)) all.push_back(tenant);
  }
  return all;
}

bool MetricAggregator::Rep::WriteBatch(const std::string& tenant) {
  auto batch = taken.find(tenant);
  if (batch == taken.end()) {
    MutexLock lock(mutex);
    const auto counted = tenants.find(tenant);
    if (counted == tenants.end()) return false;
    batch = taken
                .emplace(tenant,
                         Batch{.totals = std::move(counted->second), .first_number = next_number})
                .first;
    tenants.erase(counted);
    next_number += batch->second.totals.size();
    waiting -= batch->second.totals.size();
  }
  const bool with_level = limits.For(tenant)->allow_structured_metadata;
  const WriteOutcome outcome = WriteDown(write, "aggregated metrics", model::TenantId(tenant),
                                         EntriesOf(batch->second, with_level));
  if (outcome == WriteOutcome::kTryAgain) return false;
  if (outcome == WriteOutcome::kWritten) CountWritten(tenant, batch->second.totals.size());
  taken.erase(batch);
  return true;
}

MetricAggregator::MetricAggregator(const Options& options, const LimitsSource& limits,
                                   WriteEntries write)
    : rep_(std::make_unique<Rep>(options, limits, std::move(write))) {}

MetricAggregator::~MetricAggregator() { Stop(); }

void MetricAggregator::Add(const model::TenantId& tenant, const model::PushBatch& batch) {
  if (!rep_->limits.For(tenant.value())->metric_aggregation_enabled) return;
  bool full = false;
  {
    MutexLock lock(rep_->mutex);
    if (rep_->stopping) return;
    const bool was_full = rep_->waiting > kManyWaiting;
    Totals& totals = rep_->tenants[tenant.value()];
    for (const model::PushStream& stream : batch.streams) {
      if (!IsInternal(*stream.labels)) rep_->AddStream(totals, batch, stream);
    }
    if (totals.empty()) rep_->tenants.erase(tenant.value());
    full = !was_full && rep_->waiting > kManyWaiting;
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
