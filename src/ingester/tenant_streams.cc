#include "ingester/tenant_streams.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "model/stream_lookup.h"

namespace skald::ingester {
namespace {

constexpr uint64_t kWideValues = 20;  // With fewer no label is to blame for many streams.
constexpr int64_t kWidestFor = std::chrono::nanoseconds(std::chrono::seconds(5)).count();

// Streams of a shard that are looked at while others wait for its mutex.
constexpr uint32_t kStreamsAtOnce = 1024;

// What a stream takes without entries, beside its labels' text and the index: itself, the labels,
// the blocks that count references to both, and its places in a shard's tables.
constexpr size_t kReferencesBytes = 16;
constexpr size_t kPlacesBytes = 64;
constexpr size_t kStreamBytes = sizeof(Stream) + sizeof(StreamTimes) + sizeof(model::Labels) +
                                2 * kReferencesBytes + kPlacesBytes;

}  // namespace

TenantStreams::TenantStreams(std::string tenant, size_t shards, StreamContext& context)
    : tenant_(std::move(tenant)), metrics_(tenant_), context_(context), shards_(shards) {
  SKALD_DCHECK(shards > 0 && (shards & (shards - 1)) == 0);
}

TenantStreams::Count& TenantStreams::CountOf(std::string_view policy) {
  if (policy.empty()) return own_count_;
  MutexLock lock(counts_mutex_);
  std::unique_ptr<Count>& count = policy_counts_[policy];
  if (count == nullptr) count = std::make_unique<Count>(0);
  return *count;
}

Result<TenantStreams::Found> TenantStreams::GetOrMake(
    const std::shared_ptr<const model::Labels>& labels, model::Fingerprint fingerprint,
    const Quota& quota) {
  Count& count = CountOf(quota.policy);
  Shard& shard = ShardOf(fingerprint);
  MutexLock lock(shard.mutex);
  if (const auto it = shard.ids.find(fingerprint); it != shard.ids.end()) {
    const std::shared_ptr<Stream>& stream = shard.streams[it->second];
    if (*stream->labels() != *labels) return Internal("two streams have one fingerprint");
    if (Count*& counted = shard.counts[it->second]; counted != &count) {
      --*counted;
      ++count;
      counted = &count;
    }
    return Found{.stream = stream};
  }
  // Counted before it is there: pushes at once may not exceed the limit together.
  if (const size_t before = count.fetch_add(1);
      quota.max_streams != 0 && before >= quota.max_streams) {
    --count;
    return ResourceExhausted("too many streams");
  }
  if (quota.max_bytes != 0 && context_.stream_bytes.load(std::memory_order_relaxed) >=
                                  static_cast<int64_t>(quota.max_bytes)) {
    --count;
    return Unavailable("no memory for more streams");
  }
  const InvertedIndex::Id id = TakeId(shard);
  auto stream =
      std::make_shared<Stream>(tenant_, labels, fingerprint, context_, metrics_, shard.times[id]);
  shard.streams[id] = stream;
  shard.counts[id] = &count;
  shard.ids.emplace(fingerprint, id);
  AddToIndex(shard, id, *labels);
  ++size_;
  metrics_.memory_streams.Add(1);
  metrics_.streams_created.Add();
  return Found{.stream = std::move(stream), .is_new = true};
}

InvertedIndex::Id TenantStreams::TakeId(Shard& shard) {
  if (!shard.free_ids.empty()) {
    const InvertedIndex::Id id = shard.free_ids.back();
    shard.free_ids.pop_back();
    return id;
  }
  shard.streams.emplace_back();
  shard.times.emplace_back();
  shard.counts.emplace_back();
  return static_cast<InvertedIndex::Id>(shard.streams.size() - 1);
}

void TenantStreams::AddToIndex(Shard& shard, InvertedIndex::Id id, const model::Labels& labels) {
  const size_t before = shard.index.memory_bytes();
  shard.index.Add(id, labels);
  const size_t label_bytes = labels.encoded().size();
  context_.stream_bytes +=
      static_cast<int64_t>(kStreamBytes + label_bytes + shard.index.memory_bytes() - before);
  IngesterMetrics::Get().streams_labels_bytes.Add(static_cast<double>(label_bytes));
}

void TenantStreams::RemoveFromIndex(Shard& shard, InvertedIndex::Id id,
                                    const model::Labels& labels) {
  const size_t before = shard.index.memory_bytes();
  shard.index.Remove(id, labels);
  const size_t label_bytes = labels.encoded().size();
  context_.stream_bytes -=
      static_cast<int64_t>(kStreamBytes + label_bytes + before - shard.index.memory_bytes());
  IngesterMetrics::Get().streams_labels_bytes.Add(-static_cast<double>(label_bytes));
}

StreamList TenantStreams::Select(const model::Matchers& matchers, model::TimeRange range) const {
  return *Select(matchers, range, CancelToken());
}

Result<StreamList> TenantStreams::Select(const model::Matchers& matchers, model::TimeRange range,
                                         const CancelToken& cancel) const {
  StreamList out;
  for (const Shard& shard : shards_) {
    SKALD_RETURN_IF_ERROR(
        VisitMatches(shard, matchers, range, cancel,
                     [&](std::shared_ptr<Stream> stream) { out.push_back(std::move(stream)); }));
  }
  return out;
}

std::vector<TenantStreams::Candidate> TenantStreams::CandidatesOf(const Shard& shard,
                                                                  const model::Matchers& matchers,
                                                                  model::TimeRange range) {
  std::vector<Candidate> found;
  MutexLock lock(shard.mutex);
  const auto ids = shard.index.Candidates(matchers);
  const size_t count = ids ? ids->size() : shard.streams.size();
  for (size_t i = 0; i < count; ++i) {
    const auto id = ids ? (*ids)[i] : static_cast<InvertedIndex::Id>(i);
    if (shard.streams[id] == nullptr) continue;
    // Under the lock: later the times may be those of another stream.
    const std::optional<bool> known = shard.times[id].Touch(range);
    if (known.value_or(true)) {
      found.push_back({.stream = shard.streams[id], .is_known = known.has_value()});
    }
  }
  return found;
}

template <typename Shards, typename Look>
void TenantStreams::LookInTurns(Shards& shards, const Look& look) {
  // In turns: a mutex that is locked again at once is rarely got by who waits for it.
  std::vector<decltype(&shards[0])> left;
  for (auto& shard : shards) left.push_back(&shard);
  for (InvertedIndex::Id from = 0; !left.empty(); from += kStreamsAtOnce) {
    std::erase_if(left, [&](auto* shard) { return !look(*shard, from); });
  }
}

// A stream stays where it is as long as it has entries.
StreamList TenantStreams::All() const {
  StreamList out;
  LookInTurns(shards_, [&out](const Shard& shard, InvertedIndex::Id from) {
    MutexLock lock(shard.mutex);
    const auto end = std::min<size_t>(from + kStreamsAtOnce, shard.streams.size());
    for (size_t id = from; id < end; ++id) {
      if (shard.streams[id] != nullptr) out.push_back(shard.streams[id]);
    }
    return end < shard.streams.size();
  });
  return out;
}

std::optional<WideLabel> TenantStreams::WidestLabel() {
  MutexLock lock(widest_mutex_);
  const int64_t now_ns = context_.clock.MonotonicNs();
  if (now_ns >= widest_until_ns_) {
    widest_ = FindWidestLabel();
    widest_until_ns_ = now_ns + kWidestFor;
  }
  return widest_;
}

std::optional<WideLabel> TenantStreams::FindWidestLabel() const {
  // The values of a shard are told apart in it alone, so the sum over shards is only a bound.
  std::map<std::string, uint64_t> bounds;
  for (const Shard& shard : shards_) {
    MutexLock lock(shard.mutex);
    for (const auto& [name, values] : shard.index.names()) bounds[name] += values.size();
  }
  WideLabel widest{.name = "", .values = 0, .streams = size()};
  while (!bounds.empty()) {
    const auto next = std::ranges::max_element(
        bounds, [](const auto& a, const auto& b) { return a.second < b.second; });
    if (next->second <= widest.values) break;
    std::vector<uint64_t> hashes;
    for (const Shard& shard : shards_) {
      MutexLock lock(shard.mutex);
      const auto values = shard.index.names().find(next->first);
      if (values == shard.index.names().end()) continue;
      for (const ValueTable::Value& value : values->second.values()) {
        if (!value.streams.empty()) hashes.push_back(Hash64(value.text()));
      }
    }
    std::ranges::sort(hashes);
    const auto distinct =
        static_cast<uint64_t>(std::unique(hashes.begin(), hashes.end()) - hashes.begin());
    if (distinct > widest.values) {
      widest.name = next->first;
      widest.values = distinct;
    }
    bounds.erase(next);
  }
  if (widest.values < kWideValues || 2 * widest.values < widest.streams) return std::nullopt;
  return widest;
}

void TenantStreams::RemoveIdle(int64_t before_ns) {
  ForgetOrders();
  LookInTurns(shards_, [&](Shard& shard, InvertedIndex::Id from) {
    return RemoveIdleOf(shard, from, before_ns);
  });
}

bool TenantStreams::RemoveIdleOf(Shard& shard, InvertedIndex::Id from, int64_t before_ns) {
  MutexLock lock(shard.mutex);
  const auto end = std::min<size_t>(from + kStreamsAtOnce, shard.streams.size());
  for (InvertedIndex::Id id = from; id < end; ++id) {
    std::shared_ptr<Stream>& stream = shard.streams[id];
    if (stream == nullptr || !stream->TryRemove(before_ns)) continue;
    RemoveFromIndex(shard, id, *stream->labels());
    shard.ids.erase(stream->fingerprint());
    stream = nullptr;
    shard.free_ids.push_back(id);
    metrics_.memory_streams.Add(-1);
    metrics_.streams_removed.Add();
    --*shard.counts[id];
    --size_;
  }
  return end < shard.streams.size();
}

}  // namespace skald::ingester
