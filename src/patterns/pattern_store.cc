#include "patterns/pattern_store.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>

#include "common/metrics.h"
#include "common/mutex.h"
#include "patterns/entry_level.h"
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
                          "Patterns forgotten: pruned for their age, or to make room.",
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

bool IsLarger(const PatternSeries& a, const PatternSeries& b) {
  if (a.total != b.total) return a.total > b.total;
  return std::tie(a.pattern, a.level) < std::tie(b.pattern, b.level);
}

// Equal patterns of equal levels as one, then the largest of those that are large enough.
std::vector<PatternSeries> Largest(const std::vector<PatternSeries>& all, uint64_t min_total,
                                   size_t max_patterns) {
  std::map<std::pair<std::string_view, std::string_view>, std::map<int64_t, uint64_t>> counts;
  for (const PatternSeries& series : all) {
    auto& samples = counts[{series.pattern, series.level}];
    for (const PatternSample& sample : series.samples) samples[sample.seconds] += sample.count;
  }
  std::vector<PatternSeries> merged;
  for (const auto& [key, samples] : counts) {
    PatternSeries series{.pattern = std::string(key.first), .level = std::string(key.second)};
    for (const auto& [seconds, count] : samples) {
      series.samples.push_back({.seconds = seconds, .count = count});
      series.total += count;
    }
    if (series.total >= min_total) merged.push_back(std::move(series));
  }
  std::sort(merged.begin(), merged.end(), IsLarger);
  merged.resize(std::min(merged.size(), max_patterns));
  return merged;
}

// The counts of a pattern with times rounded down, by time.
void AddSamples(const StepCounts& counts, model::TimeRange range, int64_t step_ns,
                PatternSeries& series) {
  constexpr int64_t kCountNs = StepCounts::kStepSeconds * kSecondNs;
  for (const StepCounts::Count& count : counts.counts()) {
    const int64_t time_ns = count.seconds() * kSecondNs;
    if (time_ns >= range.end || time_ns + kCountNs <= range.start) continue;
    const int64_t seconds = (time_ns - time_ns % step_ns) / kSecondNs;
    if (series.samples.empty() || series.samples.back().seconds != seconds) {
      series.samples.push_back({.seconds = seconds});
    }
    series.samples.back().count += count.count;
    series.total += count.count;
  }
}

}  // namespace

struct PatternStore::Rep {
  struct Stream {
    StreamPatterns patterns;
    int64_t fed_ns = 0;
  };
  struct Tenant {
    HashMap<uint64_t, Stream> streams;  // By fingerprint.
  };

  Rep(const Options& o, const Clock& c) : options(o), clock(c) {}

  // Entries from before this are not counted.
  int64_t OldestNs(int64_t now_ns) const {
    return std::max<int64_t>(now_ns - options.keep.count(), 0);
  }

  void AddEntries(const model::TenantId& tenant, const model::PushStream& stream,
                  const model::PushBatch& batch, std::span<const model::PushEntry> entries,
                  uint32_t stride) SKALD_EXCLUDES(mutex);
  void ForgetLongestUnfed() SKALD_REQUIRES(mutex);

  const Options options;
  const Clock& clock;
  mutable Mutex mutex;
  StringMap<Tenant> tenants SKALD_GUARDED_BY(mutex);
  size_t memory_bytes SKALD_GUARDED_BY(mutex) = 0;
  uint32_t skipped SKALD_GUARDED_BY(mutex) = 0;  // Entries since one was looked at.
};

void PatternStore::Rep::AddEntries(const model::TenantId& tenant, const model::PushStream& stream,
                                   const model::PushBatch& batch,
                                   std::span<const model::PushEntry> entries, uint32_t stride) {
  const int64_t now_ns = clock.NowNs();
  const int64_t oldest_ns = OldestNs(now_ns);
  PatternTally tally;
  {
    MutexLock lock(mutex);
    HashMap<uint64_t, Stream>& streams = tenants[tenant.value()].streams;
    auto found = streams.find(stream.fingerprint.value());
    if (found == streams.end()) {
      found = streams
                  .emplace(stream.fingerprint.value(),
                           Stream{.patterns = StreamPatterns(stream.labels), .fed_ns = 0})
                  .first;
      memory_bytes += kStreamOverhead;
    }
    Stream& target = found->second;
    target.fed_ns = now_ns;
    const size_t before = target.patterns.memory_bytes();
    for (const model::PushEntry& entry : entries) {
      if (entry.time_ns < oldest_ns || entry.time_ns - now_ns > kAheadNs) continue;
      if (++skipped < stride) continue;
      skipped = 0;
      target.patterns.Add(options.drain, EntryLevel(batch, entry), entry.line,
                          StepCounts::StepOf(entry.time_ns), stride, tally);
    }
    memory_bytes += target.patterns.memory_bytes();
    memory_bytes -= before;
    if (memory_bytes > options.memory_bytes) ForgetLongestUnfed();
  }
  Publish(tenant.value(), tally);
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
    absl::erase_if(tenant.streams, [&](const auto& stream) SKALD_NO_THREAD_SAFETY_ANALYSIS {
      const int64_t fed_ns = stream.second.fed_ns;
      if (fed_ns > *bound) return false;
      // Many may have been fed at once: then as many of them as have to.
      if (fed_ns == *bound && memory_bytes <= options.memory_bytes) return false;
      memory_bytes -= stream.second.patterns.memory_bytes() + kStreamOverhead;
      return true;
    });
  }
}

PatternStore::PatternStore(const Options& options, const Clock& clock)
    : rep_(std::make_unique<Rep>(options, clock)) {}

PatternStore::~PatternStore() = default;

void PatternStore::Add(const model::TenantId& tenant, const model::PushBatch& batch,
                       uint32_t stride) {
  for (const model::PushStream& stream : batch.streams) {
    if (IsInternal(*stream.labels)) continue;
    auto entries = std::span(batch.entries).subspan(stream.entry_begin, stream.entry_count);
    while (!entries.empty()) {
      const auto some = entries.first(std::min(entries.size(), kLinesPerLock));
      rep_->AddEntries(tenant, stream, batch, some, stride);
      entries = entries.subspan(some.size());
    }
  }
}

std::vector<PatternSeries> PatternStore::Select(const model::TenantId& tenant,
                                                const model::Matchers& matchers,
                                                model::TimeRange range, int64_t step_ns) const {
  std::vector<PatternSeries> all;
  {
    MutexLock lock(rep_->mutex);
    const auto found = rep_->tenants.find(tenant.value());
    if (found == rep_->tenants.end()) return all;
    for (const auto& [fingerprint, stream] : found->second.streams) {
      if (!model::MatchesAll(matchers, stream.patterns.labels())) continue;
      stream.patterns.ForEach(
          [&](const std::string& level, std::string pattern, const StepCounts& counts) {
            PatternSeries series{.pattern = std::move(pattern), .level = level};
            AddSamples(counts, range, step_ns, series);
            if (series.total > 0) all.push_back(std::move(series));
          });
    }
  }
  return Largest(all, rep_->options.min_total, rep_->options.max_patterns);
}

void PatternStore::Sweep() {
  MutexLock lock(rep_->mutex);
  const uint32_t first = StepCounts::StepOf(rep_->OldestNs(rep_->clock.NowNs()));
  for (auto& [id, tenant] : rep_->tenants) {
    PatternTally tally;
    absl::erase_if(tenant.streams, [&](auto& stream) SKALD_NO_THREAD_SAFETY_ANALYSIS {
      StreamPatterns& patterns = stream.second.patterns;
      rep_->memory_bytes -= patterns.memory_bytes();
      patterns.DropBefore(first, tally);
      rep_->memory_bytes += patterns.memory_bytes();
      if (patterns.empty()) rep_->memory_bytes -= kStreamOverhead;
      return patterns.empty();
    });
    Publish(id, tally);
  }
  absl::erase_if(rep_->tenants, [](const auto& tenant) { return tenant.second.streams.empty(); });
}

size_t PatternStore::max_patterns() const { return rep_->options.max_patterns; }

size_t PatternStore::memory_bytes() const {
  MutexLock lock(rep_->mutex);
  return rep_->memory_bytes;
}

std::vector<PatternSeries> MergePatterns(std::vector<std::vector<PatternSeries>> answers,
                                         size_t max_patterns) {
  if (answers.size() == 1) return std::move(answers.front());
  std::vector<PatternSeries> all;
  for (std::vector<PatternSeries>& answer : answers) {
    std::move(answer.begin(), answer.end(), std::back_inserter(all));
  }
  return Largest(all, 1, max_patterns);
}

}  // namespace skald::patterns
