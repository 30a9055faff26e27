#include "ingester/tenant_streams.h"

#include <utility>

namespace skald::ingester {

TenantStreams::TenantStreams(std::string tenant, size_t shards, StreamContext& context)
    : tenant_(std::move(tenant)), metrics_(tenant_), context_(context), shards_(shards) {
  SKALD_DCHECK(shards > 0 && (shards & (shards - 1)) == 0);
}

Result<std::shared_ptr<Stream>> TenantStreams::GetOrMake(
    const std::shared_ptr<const model::Labels>& labels, model::Fingerprint fingerprint,
    uint64_t max_streams) {
  Shard& shard = ShardOf(fingerprint);
  MutexLock lock(shard.mutex);
  if (const auto it = shard.ids.find(fingerprint); it != shard.ids.end()) {
    const std::shared_ptr<Stream>& stream = shard.streams[it->second];
    if (*stream->labels() != *labels) return Internal("two streams have one fingerprint");
    return stream;
  }
  // Counted before it is there: pushes at once may not exceed the limit together.
  if (const size_t before = size_.fetch_add(1); max_streams != 0 && before >= max_streams) {
    --size_;
    return ResourceExhausted("too many streams");
  }
  InvertedIndex::Id id = 0;
  if (shard.free_ids.empty()) {
    id = static_cast<InvertedIndex::Id>(shard.streams.size());
    shard.streams.emplace_back();
  } else {
    id = shard.free_ids.back();
    shard.free_ids.pop_back();
  }
  auto stream = std::make_shared<Stream>(tenant_, labels, fingerprint, context_, metrics_);
  shard.streams[id] = stream;
  shard.ids.emplace(fingerprint, id);
  shard.index.Add(id, *labels);
  metrics_.memory_streams.Add(1);
  metrics_.streams_created.Add();
  IngesterMetrics::Get().streams_labels_bytes.Add(static_cast<double>(labels->encoded().size()));
  return stream;
}

StreamList TenantStreams::Select(const model::Matchers& matchers, model::TimeRange range) const {
  StreamList out;
  for (const Shard& shard : shards_) {
    StreamList found;
    {
      MutexLock lock(shard.mutex);
      if (const auto ids = shard.index.Candidates(matchers)) {
        for (const InvertedIndex::Id id : *ids) found.push_back(shard.streams[id]);
      } else {
        found = shard.streams;
      }
    }
    for (std::shared_ptr<Stream>& stream : found) {
      if (stream != nullptr && model::MatchesAll(matchers, *stream->labels()) &&
          stream->HasEntriesIn(range)) {
        out.push_back(std::move(stream));
      }
    }
  }
  return out;
}

StreamList TenantStreams::All() const {
  StreamList out;
  for (const Shard& shard : shards_) {
    MutexLock lock(shard.mutex);
    for (const std::shared_ptr<Stream>& stream : shard.streams) {
      if (stream != nullptr) out.push_back(stream);
    }
  }
  return out;
}

void TenantStreams::RemoveIdle(int64_t before_ns) {
  for (Shard& shard : shards_) RemoveIdleOf(shard, before_ns);
}

void TenantStreams::RemoveIdleOf(Shard& shard, int64_t before_ns) {
  MutexLock lock(shard.mutex);
  for (InvertedIndex::Id id = 0; id < shard.streams.size(); ++id) {
    std::shared_ptr<Stream>& stream = shard.streams[id];
    if (stream == nullptr || !stream->TryRemove(before_ns)) continue;
    const model::Labels& labels = *stream->labels();
    shard.index.Remove(id, labels);
    shard.ids.erase(stream->fingerprint());
    IngesterMetrics::Get().streams_labels_bytes.Add(-static_cast<double>(labels.encoded().size()));
    stream = nullptr;
    shard.free_ids.push_back(id);
    metrics_.memory_streams.Add(-1);
    metrics_.streams_removed.Add();
    --size_;
  }
}

}  // namespace skald::ingester
