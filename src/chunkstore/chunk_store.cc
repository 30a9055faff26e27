#include "chunkstore/chunk_store.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "chunkstore/block_check.h"
#include "chunkstore/format/block_pruner.h"
#include "chunkstore/index/index_metrics.h"
#include "chunkstore/store_recovery.h"
#include "chunkstore/stored_pack.h"
#include "chunkstore/stored_scan.h"
#include "common/fault_point.h"
#include "common/logging.h"
#include "common/metrics.h"

namespace skald::chunkstore {
namespace {

model::StreamLookup LookupOf(const model::ScanRequest& request, const CancelToken& cancel) {
  return {.tenant = request.tenant,
          .matchers = request.matchers,
          .range = request.range,
          .cancel = cancel};
}

void CountStored(const std::vector<ChunkToStore>& chunks) {
  for (const ChunkToStore& chunk : chunks) {
    const MetricLabels labels = {{"user", chunk.tenant.value()}};
    Metrics::GetCounter("loki_chunk_store_stored_chunks_total", "Chunks stored.", labels).Add();
    Metrics::GetCounter("loki_chunk_store_stored_chunk_bytes_total", "Bytes of chunks stored.",
                        labels)
        .Add(static_cast<double>(chunk.chunk.bytes));
    // One each, whatever its stream's labels: those have entries of their own, once a stream.
    Metrics::GetHistogram("loki_chunk_store_index_entries_per_chunk",
                          "Index entries written for a chunk.", {1, 5, 25, 125, 625})
        .Observe(1);
  }
}

// A chunk has one writer: there is no other that could have stored it before.
void ShowNothingDeduped() {
  (void)Metrics::GetCounter("loki_chunk_store_deduped_chunks_total",
                            "Chunks not stored as another writer had stored them: none.");
  (void)Metrics::GetCounter("loki_chunk_store_deduped_bytes_total",
                            "Bytes of chunks not stored as another writer had: none.");
}

// What a scan would find of a chunk's blocks before it reads any of them.
void AddBlocks(model::TimeRange range, const BlockPruner& pruner, const model::Labels& labels,
               const ChunkRef& chunk, ChunkFetcher& fetcher, const ChunkReads& reads,
               StoredForecast& forecast) {
  const auto header = fetcher.Head(chunk, reads);
  if (!header.ok()) return;
  ++forecast.chunks_seen;
  BlockCheck check(pruner, labels, chunk, **header, fetcher, [](const Status&) {});
  for (size_t i = 0; i < (*header)->blocks.size(); ++i) {
    const BlockHeader& block = (*header)->blocks[i];
    ++forecast.blocks;
    const bool may_match =
        range.Touches(block.min_time, block.max_time) && check.MayMatch(i, reads);
    forecast.blocks_skipped += may_match ? 0 : 1;
  }
}

}  // namespace

Result<std::unique_ptr<ChunkStore>> ChunkStore::Open(const Options& options, ObjectStore& objects,
                                                     const Clock& clock) {
  SKALD_RETURN_IF_ERROR(CheckObjectKey(options.writer));
  UnreadablePacks unreadable(objects);
  SKALD_ASSIGN_OR_RETURN(std::unique_ptr<LabelIndex> index,
                         OpenIndex({.folder = options.index_folder,
                                    .cache_bytes = options.index_cache_bytes,
                                    .labels_cache_bytes = options.labels_cache_bytes,
                                    .env = options.index_env,
                                    .lookups = options.lookups,
                                    .memory = options.fetcher.memory},
                                   objects, unreadable));
  const std::string prefix = PackNames(options.writer, clock).prefix();
  SKALD_RETURN_IF_ERROR(SettleUnnamedPacks(prefix, *index, objects, unreadable));
  std::unique_ptr<ChunkStore> store(
      new ChunkStore(options, objects, clock, std::move(index), std::move(unreadable)));
  SKALD_ASSIGN_OR_RETURN(const std::vector<ObjectEntry> packs, objects.List(prefix));
  for (const ObjectEntry& pack : packs) store->names_.Saw(pack.key);
  return store;
}

ChunkStore::ChunkStore(const Options& options, ObjectStore& objects, const Clock& clock,
                       std::unique_ptr<LabelIndex> index, UnreadablePacks unreadable)
    : options_(options),
      objects_(objects),
      clock_(clock),
      index_(std::move(index)),
      unreadable_(std::move(unreadable)),
      fetcher_(std::make_shared<ChunkFetcher>(objects, clock, options.fetcher)),
      names_(options.writer, clock) {
  ShowNothingDeduped();
}

void ChunkStore::ShrinkCaches(uint64_t bytes) {
  // Last what takes longest to be read again.
  const uint64_t freed = fetcher_->ShrinkCaches(bytes);
  if (freed < bytes) index_->ShrinkCaches(bytes - freed);
}

Status ChunkStore::Put(const std::vector<ChunkToStore>& chunks) {
  if (chunks.empty()) return {};
  FlushCommit commit;
  std::vector<std::string> packs;
  if (Status status = WritePacks(chunks, commit, packs); !status.ok()) {
    RemovePacks(packs);
    return status;
  }
  for (const ChunkToStore& chunk : chunks) {
    commit.watermarks.push_back({.tenant = chunk.tenant,
                                 .labels = chunk.labels,
                                 .fingerprint = chunk.fingerprint,
                                 .seq = chunk.flushed_seq});
  }
  FaultPoint("store.packs_written");
  if (CommitOutcome outcome = index_->TryCommit(commit); !outcome.status.ok()) {
    if (!outcome.may_be_written) RemovePacks(packs);
    if (outcome.status.code() == StatusCode::kDataLoss) ReportDamagedIndex(outcome.status);
    return std::move(outcome.status);
  }
  CountStored(chunks);
  return {};
}

// Makes room again.
void ChunkStore::RemovePacks(const std::vector<std::string>& packs) {
  for (const std::string& pack : packs) (void)objects_.Delete(pack);
}

Status ChunkStore::WritePacks(const std::vector<ChunkToStore>& chunks, FlushCommit& commit,
                              std::vector<std::string>& packs) {
  PackWriter writer;
  for (size_t i = 0; i < chunks.size(); ++i) {
    const ChunkToStore& chunk = chunks[i];
    writer.Add(chunk.tenant, chunk.labels, chunk.fingerprint, chunk.chunk);
    if (writer.bytes() < options_.pack_bytes && i + 1 < chunks.size()) continue;
    const std::string key = names_.Next();
    PackWriter::Pack pack = writer.Finish();
    SKALD_RETURN_IF_ERROR(objects_.Put(key, pack.Parts()));
    packs.push_back(key);
    std::ranges::move(ChunksOfPack(key, std::move(pack.entries)),
                      std::back_inserter(commit.chunks));
  }
  return {};
}

Result<std::vector<StreamChunks>> ChunkStore::FindChunks(const model::StreamLookup& of,
                                                         const PackChoice& wants) const {
  return TimedIndexRequest("chunk_refs", clock_, [&] {
    return index_->Find(of.tenant, of.matchers, of.range, wants, of.cancel);
  });
}

Result<std::vector<StreamChunks>> ChunkStore::FindWanted(const model::ScanRequest& request,
                                                         const StoredPlan& plan) const {
  const model::StreamLookup of = LookupOf(request, plan.context.cancel);
  if (!plan.packs->asks()) return FindChunks(of);
  std::set<std::string> of_streams;
  for (const std::string& name : plan.pruner.MetadataNames()) {
    SKALD_ASSIGN_OR_RETURN(const bool known, index_->HasName(request.tenant, name, request.range));
    if (known) of_streams.insert(name);
  }
  const auto wants = [&](const std::string& pack) {
    return of.cancel.cancelled() || plan.packs->MayMatchAny(pack, of_streams, plan.reads());
  };
  return FindChunks(of, wants);
}

void ChunkStore::ReportDamagedIndex(const Status& damage) {
  CountIndexDamage();
  LogError("the label index is damaged", {{"err", damage}});
  if (!index_marked_.exchange(true)) index_->MarkDamaged();
}

Result<uint64_t> ChunkStore::FlushedSeq(const model::TenantId& tenant,
                                        model::Fingerprint fingerprint) {
  Result<uint64_t> seq = index_->FlushedSeq(tenant, fingerprint);
  if (seq.status().code() != StatusCode::kDataLoss) return seq;
  ReportDamagedIndex(seq.status());
  return uint64_t{0};
}

Result<model::StreamScans> ChunkStore::Select(const model::ScanRequest& request,
                                              model::ScanContext& ctx) {
  unreadable_.Warn(request.range, ctx.warnings);
  const int64_t begin_ns = clock_.MonotonicNs();
  const auto plan = std::make_shared<const StoredPlan>(request, ctx, fetcher_, leases_.Take());
  Result<std::vector<StreamChunks>> found = FindWanted(request, *plan);
  if (found.status().code() == StatusCode::kDataLoss) {
    ReportDamagedIndex(found.status());
    ctx.warnings.Add(
        "entries are missing from this answer, until the next start makes the index anew: " +
        std::string(found.status().message()));
    return model::StreamScans();
  }
  if (!found.ok()) return std::move(found).status();
  std::vector<StreamChunks> streams = *std::move(found);
  ctx.stats.chunk_refs_fetch_ns += static_cast<uint64_t>(clock_.MonotonicNs() - begin_ns);
  ctx.stats.streams += streams.size();
  model::StreamScans scans;
  scans.reserve(streams.size());
  size_t looked_at = 0;
  for (StreamChunks& stream : streams) {
    if (looked_at++ % model::kStreamsPerCheck == 0) SKALD_RETURN_IF_ERROR(ctx.cancel.Check());
    ctx.stats.chunk_refs += stream.chunks.size();
    if (auto scan = MakeStoredScan(plan, std::move(stream)); scan != nullptr) {
      scans.push_back(std::move(scan));
    }
  }
  return scans;
}

Result<StoredForecast> ChunkStore::Forecast(const model::ScanRequest& request, size_t max_chunks,
                                            const CancelToken& cancel) {
  const PackLeases::Lease lease = leases_.Take();
  SKALD_ASSIGN_OR_RETURN(const std::vector<StreamChunks> streams,
                         FindChunks(LookupOf(request, cancel)));
  const BlockPruner pruner(request);
  PackCheck check(pruner, *fetcher_);
  model::ScanStats unused;
  CacheAllowances allowances = fetcher_->AllowancesOfScan();
  const ChunkReads reads{.stats = unused, .allowances = &allowances};
  StoredForecast forecast;
  std::set<std::string_view> packs;
  std::set<std::string_view> packs_read;
  for (const StreamChunks& stream : streams) {
    SKALD_RETURN_IF_ERROR(cancel.Check());
    if (!pruner.MayMatch(*stream.labels)) continue;
    ++forecast.streams;
    forecast.chunks += stream.chunks.size();
    for (const ChunkRef& chunk : stream.chunks) {
      packs.insert(chunk.pack);
      if (!check.MayMatch(chunk.pack, *stream.labels, {.stats = unused})) {
        ++forecast.chunks_skipped;
        continue;
      }
      packs_read.insert(chunk.pack);
      forecast.line_bytes += chunk.summary.LineBytesWithin(request.range.start, request.range.end);
      if (forecast.chunks_seen < max_chunks) {
        AddBlocks(request.range, pruner, *stream.labels, chunk, *fetcher_, reads, forecast);
      }
    }
  }
  forecast.packs = packs.size();
  forecast.packs_skipped = packs.size() - packs_read.size();
  return forecast;
}

Result<std::vector<std::string>> ChunkStore::LabelNames(const model::StreamLookup& of) const {
  return TimedIndexRequest("label_names", clock_, [&] {
    return index_->LabelNames(of.tenant, of.matchers, of.range, of.cancel);
  });
}

Result<TextList> ChunkStore::LabelValues(const model::StreamLookup& of,
                                         std::string_view name) const {
  return TimedIndexRequest("label_values", clock_, [&] {
    return index_->LabelValues(of.tenant, name, of.matchers, of.range, of.cancel);
  });
}

Result<model::SeriesList> ChunkStore::Series(const model::StreamLookup& of) const {
  return TimedIndexRequest("chunk_refs", clock_, [&] {
    return index_->Series(of.tenant, of.matchers, of.range, of.cancel);
  });
}

Result<std::vector<StoredVolume>> ChunkStore::Volumes(const model::StreamLookup& of) const {
  SKALD_ASSIGN_OR_RETURN(std::vector<StreamChunks> streams, FindChunks(of));
  std::vector<StoredVolume> volumes;
  volumes.reserve(streams.size());
  for (StreamChunks& stream : streams) {
    StoredVolume& volume = volumes.emplace_back();
    volume.labels = std::move(stream.labels);
    volume.streams = 1;
    volume.chunks = stream.chunks.size();
    for (const ChunkRef& chunk : stream.chunks) {
      const ChunkSummary& summary = chunk.summary;
      const double share = summary.ShareWithin(of.range.start, of.range.end);
      volume.bytes += static_cast<uint64_t>(static_cast<double>(summary.line_bytes) * share);
      volume.metadata_volume +=
          static_cast<uint64_t>(static_cast<double>(summary.metadata_volume) * share);
      volume.entries += static_cast<uint64_t>(static_cast<double>(summary.entries) * share);
    }
  }
  return volumes;
}

Result<StoredVolume> ChunkStore::Stats(const model::StreamLookup& of) const {
  SKALD_ASSIGN_OR_RETURN(const std::vector<StoredVolume> volumes, Volumes(of));
  StoredVolume sum;
  for (const StoredVolume& volume : volumes) {
    sum.streams += volume.streams;
    sum.chunks += volume.chunks;
    sum.bytes += volume.bytes;
    sum.metadata_volume += volume.metadata_volume;
    sum.entries += volume.entries;
  }
  return sum;
}

}  // namespace skald::chunkstore
