#include "chunkstore/index/chunk_collector.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "chunkstore/index/series_lookup.h"
#include "common/cancellable_sort.h"

namespace skald::chunkstore {
namespace {

// Whether a lookup of `range` takes the chunk from `period`. A chunk of several days is taken from
// the first that the lookup visits, so that it comes once.
bool TakesFrom(Period period, const ChunkRef& chunk, model::TimeRange range) {
  if (!range.Touches(chunk.summary.min_time, chunk.summary.max_time)) return false;
  return period == std::max(DayOf(chunk.summary.min_time), DayOf(range.start));
}

}  // namespace

Status ChunkCollector::Collect(Period period, const Postings& series,
                               const PackNameSet& unwanted_packs) {
  KvCursor cursor = snapshot_.Scan(SeriesPrefix(tenant_, period));
  for (const SeriesId id : series) {
    const std::string key = SeriesKeyRest(id);
    SKALD_RETURN_IF_ERROR(MoveToSeries(id, key, cursor));
    SKALD_RETURN_IF_ERROR(CollectOne(period, key, unwanted_packs, cursor));
  }
  return cursor.status();
}

Status ChunkCollector::CollectOne(Period period, const std::string& key,
                                  const PackNameSet& unwanted_packs, KvCursor& cursor) {
  const std::string encoded(cursor.value());
  std::vector<ChunkRef> chunks;
  for (cursor.Next(); cursor.Valid() && cursor.key().starts_with(key); cursor.Next()) {
    if (unwanted_packs.contains(PackOfChunk(cursor.value()))) continue;
    SKALD_ASSIGN_OR_RETURN(ChunkRef chunk, DecodeChunk(cursor.value()));
    if (TakesFrom(period, chunk, range_)) chunks.push_back(std::move(chunk));
  }
  if (chunks.empty()) return {};
  SKALD_ASSIGN_OR_RETURN(StreamChunks * stream, StreamOf(encoded));
  std::ranges::move(chunks, std::back_inserter(stream->chunks));
  return {};
}

Result<StreamChunks*> ChunkCollector::StreamOf(std::string_view encoded) {
  if (const auto it = by_labels_.find(encoded); it != by_labels_.end()) {
    return &streams_[it->second];
  }
  SKALD_ASSIGN_OR_RETURN(model::Labels labels, model::Labels::Decode(encoded));
  streams_.push_back(
      {.labels = std::make_shared<const model::Labels>(std::move(labels)), .chunks = {}});
  by_labels_.emplace(streams_.back().labels->encoded(), streams_.size() - 1);
  return &streams_.back();
}

Result<std::vector<StreamChunks>> ChunkCollector::Take(const CancelToken& cancel) {
  SKALD_RETURN_IF_ERROR(SortUnlessCancelled(
      streams_, cancel,
      [](const StreamChunks& a, const StreamChunks& b) { return *a.labels < *b.labels; }));
  return std::move(streams_);
}

}  // namespace skald::chunkstore
