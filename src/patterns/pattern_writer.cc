#include "patterns/pattern_writer.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "common/executor.h"
#include "common/metrics.h"
#include "common/mutex.h"
#include "patterns/entry_level.h"
#include "patterns/internal_entries.h"
#include "patterns/pattern_entry.h"

namespace skald::patterns {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;

int64_t FloorTo(int64_t value, int64_t unit) { return value - value % unit; }

// In the time that the counts are of, but at least in that of one push.
double LinesPerSecond(const UnwrittenCounts& counts, double push_seconds) {
  double lines = 0;
  for (const StepCounts::Count& count : counts.counts) lines += count.count;
  const auto steps = static_cast<double>(counts.counts.size() * StepCounts::kStepSeconds);
  return lines / std::max(steps, push_seconds);
}

// The entries of a pattern's counts.
void AddEntries(const UnwrittenBatch& batch, const UnwrittenCounts& counts, const Limits& limits,
                InternalEntries& out) {
  const int64_t step_seconds = StepSeconds(limits);
  const int64_t entry_seconds = EntrySeconds(limits);
  std::map<int64_t, std::map<int64_t, uint64_t>> entries;  // To samples, by time.
  for (const StepCounts::Count& count : counts.counts) {
    const int64_t seconds = FloorTo(count.seconds(), step_seconds);
    entries[FloorTo(seconds, entry_seconds)][seconds] += count.count;
  }
  const std::string service = ServiceOf(*counts.labels);
  for (const auto& [seconds, samples] : entries) {
    PatternEntry entry{.seconds = seconds,
                       .step_seconds = step_seconds,
                       .origin = {.run = batch.run, .id = counts.id, .batch = batch.number},
                       .level = counts.level,
                       .pattern = counts.pattern,
                       .labels = FieldsOf(*counts.labels)};
    for (const auto& [time, count] : samples) {
      entry.samples.push_back({.seconds = time, .count = count});
    }
    out.Add(service, seconds * kSecondNs, counts.level, FormatPatternEntry(entry));
  }
}

void CountWritten(const model::TenantId& tenant, size_t patterns) {
  Metrics::GetCounter("loki_pattern_ingester_patterns_written_total",
                      "Patterns of which counts were written down.", {{"tenant", tenant.value()}})
      .Add(static_cast<double>(patterns));
}

}  // namespace

struct PatternWriter::Rep {
  Rep(const Options& o, PatternStore& s, const LimitsSource& l, WriteEntries w)
      : options(o),
        store(s),
        limits(l),
        write(std::move(w)),
        worker("written patterns", o.push_period, [this] { Flush(); }) {}

  void Flush() SKALD_EXCLUDES(flush_mutex);
  // Writes the batch that waits, or what was counted since; false if there is none, or it must
  // wait.
  bool WriteBatch(const model::TenantId& tenant) SKALD_REQUIRES(flush_mutex);

  const Options options;
  PatternStore& store;
  const LimitsSource& limits;
  const WriteEntries write;
  Mutex flush_mutex;  // One writes at a time, so that what Stop writes comes last.
  std::set<std::string> waiting SKALD_GUARDED_BY(flush_mutex);  // Tenants with such a batch.
  std::atomic<bool> stopped = false;

  PeriodicTask worker;  // Last: its thread uses the above.
};

void PatternWriter::Rep::Flush() {
  MutexLock one(flush_mutex);
  for (const model::TenantId& tenant : store.Unwritten()) {
    const bool waited = waiting.erase(tenant.value()) > 0;
    if (WriteBatch(tenant) && waited) WriteBatch(tenant);  // What came since.
  }
}

bool PatternWriter::Rep::WriteBatch(const model::TenantId& tenant) {
  const std::shared_ptr<const UnwrittenBatch> batch = store.TakeUnwritten(tenant);
  if (batch == nullptr) return false;
  const std::shared_ptr<const Limits> l = limits.For(tenant.value());
  const double push_seconds = static_cast<double>(options.push_period.count()) / kSecondNs;
  InternalEntries entries(kPatternLabel, l->allow_structured_metadata);
  size_t written = 0;
  for (const UnwrittenCounts& counts : batch->counts) {
    if (LinesPerSecond(counts, push_seconds) < l->pattern_rate_threshold) continue;
    AddEntries(*batch, counts, *l, entries);
    ++written;
  }
  if (written > 0) {
    const WriteOutcome outcome = WriteDown(write, "patterns", tenant, entries.Finish());
    if (outcome == WriteOutcome::kTryAgain) {
      waiting.insert(tenant.value());
      return false;
    }
    if (outcome == WriteOutcome::kWritten) CountWritten(tenant, written);
  }
  store.SetWritten(tenant);
  return true;
}

PatternWriter::PatternWriter(const Options& options, PatternStore& store,
                             const LimitsSource& limits, WriteEntries write)
    : rep_(std::make_unique<Rep>(options, store, limits, std::move(write))) {}

PatternWriter::~PatternWriter() { Stop(); }

void PatternWriter::Flush() { rep_->Flush(); }

void PatternWriter::Stop() {
  if (rep_->stopped.exchange(true)) return;
  rep_->worker.Stop();
  rep_->Flush();
}

}  // namespace skald::patterns
