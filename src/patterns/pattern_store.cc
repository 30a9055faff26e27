#include "patterns/pattern_store.h"

#include <algorithm>
#include <atomic>
#include <span>
#include <string_view>
#include <utility>

#include "common/hash.h"
#include "common/metrics.h"
#include "common/mutex.h"
#include "patterns/entry_level.h"
#include "patterns/line_sampler.h"
#include "patterns/pattern_entry.h"
#include "patterns/shown_entries.h"
#include "patterns/stream_patterns.h"

namespace skald::patterns {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kAheadNs = 3600 * kSecondNs;  // Entries may be so much ahead of the clock.
constexpr size_t kLinesPerLock = 256;           // So that a question waits a millisecond at most.
// What a stream costs before it has any pattern.
constexpr size_t kStreamOverhead = 256;

constexpr std::string_view kFormatNames[kLineFormats] = {"json", "logfmt", "unknown"};

void Publish(const std::string& tenant, const PatternTally& tally) {
  for (size_t i = 0; i < kLineFormats; ++i) {
    const std::string format(kFormatNames[i]);
    const auto add_evicted = [&](uint64_t count, std::string pruned) {
      if (count == 0) return;
      Metrics::GetCounter("loki_pattern_ingester_patterns_evicted_total",
                          "Patterns forgotten: pruned for their age or deleted, or to make room.",
                          {{"tenant", tenant}, {"format", format}, {"pruned", std::move(pruned)}})
          .Add(static_cast<double>(count));
    };
    if (tally.detected[i] > 0) {
      Metrics::GetCounter("loki_pattern_ingester_patterns_detected_total", "Patterns found.",
                          {{"tenant", tenant}, {"format", format}})
          .Add(static_cast<double>(tally.detected[i]));
    }
    add_evicted(tally.evicted[i], "false");
    add_evicted(tally.pruned[i], "true");
  }
}

// What is to be forgotten of a range: the steps with some of the time in them.
CountGap GapOf(model::TimeRange range, uint64_t next_batch) {
  if (range.empty() || range.end <= 0) return {};
  return {.first = StepCounts::StepOf(std::max<int64_t>(range.start, 0)),
          .end = StepCounts::StepOf(range.end - 1) + 1,
          .batch = next_batch};
}

}  // namespace

struct PatternStore::Rep {
  struct Stream {
    StreamPatterns patterns;
    int64_t fed_ns = 0;
  };
  struct Tenant {
    HashMap<uint64_t, Stream> streams;     // By fingerprint.
    std::shared_ptr<const Limits> limits;  // That the rules are of.
    PatternRules rules;
    uint32_t first_step = 0;  // Counts of earlier ones are forgotten.
    UnwrittenQueue unwritten;
  };

  Rep(const Options& o, const LimitsSource& l, const Clock& c, const model::EntryFilterSource* h)
      : options(o),
        limits(l),
        clock(c),
        hidden(h),
        lost(Metrics::GetCounter("loki_pattern_ingester_unwritten_patterns_dropped_total",
                                 "Patterns of which counts could not be kept until they were "
                                 "written down.")),
        forgotten(Metrics::GetCounter("loki_pattern_ingester_streams_forgotten_total",
                                      "Streams whose patterns made room for those of others.")),
        memory(Metrics::GetGauge("loki_pattern_ingester_memory_bytes",
                                 "Memory that patterns take (pattern_ingester.memory_bytes).")) {}

  // Entries from before this are not counted.
  int64_t OldestNs(int64_t now_ns) const {
    return std::max<int64_t>(now_ns - options.keep.count(), 0);
  }

  Tenant& TenantOf(const std::string& id) SKALD_REQUIRES(mutex);
  // Those of the next entries, at most kLinesPerLock, that are looked at.
  std::vector<model::PushEntry> Choose(std::span<const model::PushEntry> entries, uint32_t stride)
      SKALD_EXCLUDES(mutex);
  // Chosen entries that are not hidden. That is asked last, as it costs more than to choose, and so
  // that what is chosen is one of `stride` among the hidden and among the others.
  void AddShown(const model::TenantId& id, const model::PushStream& stream,
                const model::PushBatch& batch, std::span<const model::PushEntry> entries,
                uint32_t stride) SKALD_EXCLUDES(mutex);
  // All of these, for `stride` each. False, with nothing done, if something was forgotten since
  // `forgets` was what it is.
  bool AddEntries(const model::TenantId& id, const model::PushStream& stream,
                  const model::PushBatch& batch, std::span<const model::PushEntry> entries,
                  uint32_t stride, uint64_t forgets_before) SKALD_EXCLUDES(mutex);
  void ForgetOfStream(const std::string& id, uint64_t fingerprint, const DeletedLines& deleted)
      SKALD_EXCLUDES(mutex);
  void ForgetLongestUnfed() SKALD_REQUIRES(mutex);
  void Keep(std::vector<UnwrittenCounts> left, Tenant& tenant);

  const Options options;
  const LimitsSource& limits;
  const Clock& clock;
  const model::EntryFilterSource* const hidden;
  const Counter lost;
  const Counter forgotten;
  const Gauge memory;
  const uint64_t run = static_cast<uint64_t>(clock.NowNs());
  // How often Forget was called. Changed under the mutex, so that entries come in that were looked
  // at before only if Forget finds them.
  std::atomic<uint64_t> forgets = 0;
  mutable Mutex mutex;
  StringMap<Tenant> tenants SKALD_GUARDED_BY(mutex);
  size_t memory_bytes SKALD_GUARDED_BY(mutex) = 0;
  LineSampler sampler SKALD_GUARDED_BY(mutex);
  uint64_t last_id SKALD_GUARDED_BY(mutex) = 0;
  uint64_t next_batch SKALD_GUARDED_BY(mutex) = 1;
};

PatternStore::Rep::Tenant& PatternStore::Rep::TenantOf(const std::string& id) {
  Tenant& tenant = tenants[id];
  std::shared_ptr<const Limits> now = limits.For(id);
  if (tenant.limits == now) return tenant;
  tenant.limits = std::move(now);
  const Limits& l = *tenant.limits;
  tenant.rules = {.drain = options.drain,
                  .json_fields = JsonFields(l.pattern_ingester_tokenizable_json_fields_default,
                                            l.pattern_ingester_tokenizable_json_fields_append,
                                            l.pattern_ingester_tokenizable_json_fields_delete),
                  .keep_unwritten = l.pattern_persistence_enabled};
  return tenant;
}

void PatternStore::Rep::Keep(std::vector<UnwrittenCounts> left, Tenant& tenant) {
  const size_t patterns_lost = tenant.unwritten.Keep(std::move(left));
  if (patterns_lost > 0) lost.Add(static_cast<double>(patterns_lost));
}

std::vector<model::PushEntry> PatternStore::Rep::Choose(std::span<const model::PushEntry> entries,
                                                        uint32_t stride) {
  std::vector<model::PushEntry> chosen;
  MutexLock lock(mutex);
  sampler.Choose(entries.size(), stride, [&](size_t i) { chosen.push_back(entries[i]); });
  return chosen;
}

void PatternStore::Rep::AddShown(const model::TenantId& id, const model::PushStream& stream,
                                 const model::PushBatch& batch,
                                 std::span<const model::PushEntry> entries, uint32_t stride) {
  std::vector<model::PushEntry> kept;
  for (;;) {
    const uint64_t forgets_before = forgets;
    const auto filters = hidden == nullptr ? nullptr : hidden->Of(id);
    const auto shown = ShownEntries(filters.get(), batch, stream, entries, kept);
    if (shown.empty() || AddEntries(id, stream, batch, shown, stride, forgets_before)) return;
  }
}

bool PatternStore::Rep::AddEntries(const model::TenantId& id, const model::PushStream& stream,
                                   const model::PushBatch& batch,
                                   std::span<const model::PushEntry> entries, uint32_t stride,
                                   uint64_t forgets_before) {
  PatternChanges changes;
  {
    MutexLock lock(mutex);
    if (forgets != forgets_before) return false;
    const int64_t now_ns = clock.NowNs();
    Tenant& tenant = TenantOf(id.value());
    auto found = tenant.streams.find(stream.fingerprint.value());
    if (found == tenant.streams.end()) {
      found = tenant.streams
                  .emplace(stream.fingerprint.value(),
                           Stream{.patterns = StreamPatterns(stream.labels), .fed_ns = 0})
                  .first;
      memory_bytes += kStreamOverhead;
    }
    Stream& target = found->second;
    target.fed_ns = now_ns;
    const size_t before = target.patterns.memory_bytes();
    const int64_t oldest_ns =
        std::max(OldestNs(now_ns), tenant.first_step * StepCounts::kStepSeconds * kSecondNs);
    changes.last_id = last_id;
    for (const model::PushEntry& entry : entries) {
      if (entry.time_ns < oldest_ns || entry.time_ns - now_ns > kAheadNs) continue;
      target.patterns.Add(tenant.rules, EntryLevel(batch, entry), entry.line,
                          StepCounts::StepOf(entry.time_ns), stride, changes);
    }
    last_id = changes.last_id;
    Keep(std::move(changes.left), tenant);
    memory_bytes += target.patterns.memory_bytes();
    memory_bytes -= before;
    if (memory_bytes > options.memory_bytes) ForgetLongestUnfed();
    memory.Set(static_cast<double>(memory_bytes));
  }
  Publish(id.value(), changes.tally);
  return true;
}

void PatternStore::Rep::ForgetOfStream(const std::string& id, uint64_t fingerprint,
                                       const DeletedLines& deleted) {
  PatternChanges changes;
  {
    MutexLock lock(mutex);
    const auto tenant = tenants.find(id);
    if (tenant == tenants.end()) return;
    const auto stream = tenant->second.streams.find(fingerprint);
    if (stream == tenant->second.streams.end()) return;
    StreamPatterns& patterns = stream->second.patterns;
    memory_bytes -= patterns.memory_bytes();
    patterns.Forget(deleted, GapOf(deleted.range(), next_batch), changes);
    memory_bytes += patterns.memory_bytes();
    if (patterns.empty()) {
      memory_bytes -= kStreamOverhead;
      tenant->second.streams.erase(stream);
    }
    Keep(std::move(changes.left), tenant->second);
  }
  Publish(id, changes.tally);
}

// An eighth of the streams, so that it need not be done for each new one.
void PatternStore::Rep::ForgetLongestUnfed() {
  std::vector<int64_t> fed;
  for (const auto& [id, tenant] : tenants) {
    for (const auto& [fingerprint, stream] : tenant.streams) fed.push_back(stream.fed_ns);
  }
  const auto bound = fed.begin() + static_cast<std::ptrdiff_t>(fed.size() / 8);
  std::nth_element(fed.begin(), bound, fed.end());
  for (auto& [id, tenant] : tenants) {
    std::vector<UnwrittenCounts> left;
    const size_t gone =
        absl::erase_if(tenant.streams, [&](auto& stream) SKALD_NO_THREAD_SAFETY_ANALYSIS {
          const int64_t fed_ns = stream.second.fed_ns;
          if (fed_ns > *bound) return false;
          // Many may have been fed at once: then as many of them as have to.
          if (fed_ns == *bound && memory_bytes <= options.memory_bytes) return false;
          memory_bytes -= stream.second.patterns.memory_bytes() + kStreamOverhead;
          stream.second.patterns.TakeUnwritten(left);
          return true;
        });
    forgotten.Add(static_cast<double>(gone));
    Keep(std::move(left), tenant);
  }
}

PatternStore::PatternStore(const Options& options, const LimitsSource& limits, const Clock& clock,
                           const model::EntryFilterSource* hidden)
    : rep_(std::make_unique<Rep>(options, limits, clock, hidden)) {}

PatternStore::~PatternStore() = default;

void PatternStore::Add(const model::TenantId& tenant, const model::PushBatch& batch,
                       uint32_t stride) {
  for (const model::PushStream& stream : batch.streams) {
    if (IsInternal(*stream.labels)) continue;
    auto entries = std::span(batch.entries).subspan(stream.entry_begin, stream.entry_count);
    while (!entries.empty()) {
      const auto some = entries.first(std::min(entries.size(), kLinesPerLock));
      const std::vector<model::PushEntry> chosen = rep_->Choose(some, stride);
      if (!chosen.empty()) rep_->AddShown(tenant, stream, batch, chosen, stride);
      entries = entries.subspan(some.size());
    }
  }
}

HeldPatterns PatternStore::Select(const model::TenantId& tenant, const model::Matchers& matchers,
                                  model::TimeRange range, int64_t step_ns) const {
  HeldPatterns held;
  held.counts.run = rep_->run;
  MutexLock lock(rep_->mutex);
  held.counts.first_batch = rep_->next_batch;
  const auto found = rep_->tenants.find(tenant.value());
  if (found == rep_->tenants.end()) return held;
  const Rep::Tenant& of = found->second;
  held.counts.since_seconds = of.first_step * StepCounts::kStepSeconds;
  for (const auto& [fingerprint, stream] : of.streams) {
    if (!model::MatchesAll(matchers, stream.patterns.labels())) continue;
    AddPatterns(stream.patterns, range, step_ns, held);
  }
  const auto add_waiting = [&](uint64_t batch, const std::vector<UnwrittenCounts>& waiting) {
    for (const UnwrittenCounts& one : waiting) {
      if (!model::MatchesAll(matchers, *one.labels)) continue;
      AddWaiting(one, batch, range, step_ns, held);
    }
  };
  add_waiting(rep_->next_batch, of.unwritten.left());
  if (const auto& batch = of.unwritten.batch(); batch != nullptr) {
    held.counts.first_batch = batch->number;
    add_waiting(batch->number, batch->counts);
  }
  return held;
}

void PatternStore::Sweep() {
  MutexLock lock(rep_->mutex);
  const uint32_t oldest = StepCounts::StepOf(rep_->OldestNs(rep_->clock.NowNs()));
  for (auto& [id, tenant] : rep_->tenants) {
    // Whole steps of what is written down, so that of each all or none is in memory.
    const auto unit =
        static_cast<uint32_t>(StepSeconds(*rep_->limits.For(id)) / StepCounts::kStepSeconds);
    tenant.first_step = std::max(tenant.first_step, oldest - oldest % unit);
    PatternChanges changes;
    absl::erase_if(tenant.streams, [&, &of = tenant](auto& stream) SKALD_NO_THREAD_SAFETY_ANALYSIS {
      StreamPatterns& patterns = stream.second.patterns;
      rep_->memory_bytes -= patterns.memory_bytes();
      patterns.DropBefore(of.first_step, changes);
      rep_->memory_bytes += patterns.memory_bytes();
      if (patterns.empty()) rep_->memory_bytes -= kStreamOverhead;
      return patterns.empty();
    });
    rep_->Keep(std::move(changes.left), tenant);
    Publish(id, changes.tally);
  }
  absl::erase_if(rep_->tenants, [](const auto& tenant) {
    return tenant.second.streams.empty() && tenant.second.unwritten.empty();
  });
  rep_->memory.Set(static_cast<double>(rep_->memory_bytes));
}

void PatternStore::Forget(const model::TenantId& id, const DeletedLines& deleted) {
  std::vector<uint64_t> streams;
  {
    MutexLock lock(rep_->mutex);
    ++rep_->forgets;
    const auto tenant = rep_->tenants.find(id.value());
    if (tenant == rep_->tenants.end()) return;
    for (const auto& [fingerprint, stream] : tenant->second.streams) {
      if (deleted.HasStream(stream.patterns.labels())) streams.push_back(fingerprint);
    }
  }
  // One at a time, so that others need not wait for all.
  for (const uint64_t stream : streams) rep_->ForgetOfStream(id.value(), stream, deleted);

  // Last, as what streams have to be written may have come to these meanwhile.
  MutexLock lock(rep_->mutex);
  const auto tenant = rep_->tenants.find(id.value());
  if (tenant == rep_->tenants.end()) return;
  const CountGap gap = GapOf(deleted.range(), rep_->next_batch);
  tenant->second.unwritten.Forget(deleted, gap.first, gap.end);
}

std::vector<model::TenantId> PatternStore::Unwritten() const {
  MutexLock lock(rep_->mutex);
  std::vector<model::TenantId> ids;
  for (const auto& [id, tenant] : rep_->tenants) {
    if (tenant.rules.keep_unwritten || !tenant.unwritten.empty()) ids.emplace_back(id);
  }
  return ids;
}

std::shared_ptr<const UnwrittenBatch> PatternStore::TakeUnwritten(const model::TenantId& id) {
  MutexLock lock(rep_->mutex);
  const auto found = rep_->tenants.find(id.value());
  if (found == rep_->tenants.end()) return nullptr;
  Rep::Tenant& tenant = found->second;
  if (tenant.unwritten.batch() != nullptr) return tenant.unwritten.batch();
  std::vector<UnwrittenCounts> counts = tenant.unwritten.TakeLeft();
  for (auto& [fingerprint, stream] : tenant.streams) {
    rep_->memory_bytes -= stream.patterns.memory_bytes();
    stream.patterns.TakeUnwritten(counts);
    rep_->memory_bytes += stream.patterns.memory_bytes();
  }
  if (counts.empty()) return nullptr;
  tenant.unwritten.Begin(
      {.run = rep_->run, .number = rep_->next_batch++, .counts = std::move(counts)});
  return tenant.unwritten.batch();
}

void PatternStore::SetWritten(const model::TenantId& tenant) {
  MutexLock lock(rep_->mutex);
  const auto found = rep_->tenants.find(tenant.value());
  if (found != rep_->tenants.end()) found->second.unwritten.EndBatch();
}

const PatternStore::Options& PatternStore::options() const { return rep_->options; }

size_t PatternStore::memory_bytes() const {
  MutexLock lock(rep_->mutex);
  return rep_->memory_bytes;
}

}  // namespace skald::patterns
