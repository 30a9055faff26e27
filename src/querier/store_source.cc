#include "querier/store_source.h"

#include <algorithm>
#include <map>
#include <utility>

namespace skald::querier {
namespace {

// Chunks whose block tables a forecast reads: a few kilobytes each, mostly in the cache.
constexpr size_t kMaxForecastChunks = 256;

// Compat: clients know sizes of chunks in whole KiB.
uint64_t KibibytesOf(const chunkstore::ChunkSummary& summary) {
  return (summary.line_bytes + summary.metadata_volume + 512) / 1024;
}

// Compat: the part of a chunk's size is cut to whole KiB.
void AddChunk(const chunkstore::ChunkSummary& summary, std::span<const model::TimeRange> ranges,
              std::map<uint32_t, uint64_t>& bytes) {
  const auto kibibytes = static_cast<double>(KibibytesOf(summary));
  const auto first = std::partition_point(
      ranges.begin(), ranges.end(),
      [&](const model::TimeRange& range) { return range.end <= summary.min_time; });
  for (auto range = first; range != ranges.end() && range->start <= summary.max_time; ++range) {
    const double share = summary.ShareWithin(range->start, range->end);
    bytes[static_cast<uint32_t>(range - ranges.begin())] +=
        static_cast<uint64_t>(kibibytes * share) * 1024;
  }
}

}  // namespace

Result<model::StreamScans> StoreSource::Select(const model::ScanRequest& request,
                                               model::ScanContext& context) {
  return store_.Select(request, context);
}

Result<std::vector<std::string>> StoreSource::LabelNames(const model::StreamLookup& of) {
  return store_.LabelNames(of);
}

Result<TextList> StoreSource::LabelValues(const model::StreamLookup& of, const std::string& name) {
  return store_.LabelValues(of, name);
}

Result<model::SeriesList> StoreSource::Series(const model::StreamLookup& of) {
  return store_.Series(of);
}

Result<rpc::StreamStats> StoreSource::Stats(const model::StreamLookup& of) {
  SKALD_ASSIGN_OR_RETURN(const chunkstore::StoredVolume volume, store_.Stats(of));
  return rpc::StreamStats{.streams = volume.streams,
                          .chunks = volume.chunks,
                          .entries = volume.entries,
                          .bytes = volume.bytes,
                          .metadata_volume = volume.metadata_volume};
}

Result<std::vector<rpc::StreamSize>> StoreSource::Sizes(const model::StreamLookup& of) {
  SKALD_ASSIGN_OR_RETURN(auto volumes, store_.Volumes(of));
  std::vector<rpc::StreamSize> sizes;
  sizes.reserve(volumes.size());
  for (chunkstore::StoredVolume& volume : volumes) {
    sizes.push_back(
        {.labels = std::move(volume.labels), .entries = volume.entries, .bytes = volume.bytes});
  }
  return sizes;
}

Result<std::vector<StreamVolume>> StoreSource::Volumes(const model::StreamLookup& of,
                                                       std::span<const model::TimeRange> ranges) {
  std::vector<StreamVolume> volumes;
  if (ranges.empty()) {
    return volumes;
  }
  SKALD_ASSIGN_OR_RETURN(const std::vector<chunkstore::StreamChunks> streams, store_.Chunks(of));
  for (const chunkstore::StreamChunks& stream : streams) {
    std::map<uint32_t, uint64_t> bytes;
    for (const chunkstore::ChunkRef& chunk : stream.chunks) {
      AddChunk(chunk.summary, ranges, bytes);
    }
    StreamVolume& volume = volumes.emplace_back();
    volume.labels = *stream.labels;
    for (const auto& [range, in_range] : bytes) {
      volume.parts.push_back({.range = range, .bytes = in_range});
    }
  }
  return volumes;
}

Result<logql::ScanForecast> StoreSource::Forecast(const model::ScanRequest& request,
                                                  const CancelToken& cancel) {
  SKALD_ASSIGN_OR_RETURN(const chunkstore::StoredForecast stored,
                         store_.Forecast(request, kMaxForecastChunks, cancel));
  return logql::ScanForecast{.streams = stored.streams,
                             .chunks = stored.chunks,
                             .packs = stored.packs,
                             .line_bytes = stored.line_bytes,
                             .packs_skipped = stored.packs_skipped,
                             .chunks_skipped = stored.chunks_skipped,
                             .chunks_seen = stored.chunks_seen,
                             .blocks = stored.blocks,
                             .blocks_skipped = stored.blocks_skipped};
}

}  // namespace skald::querier
