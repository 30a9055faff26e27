#include "app/write_path.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "app/data_folders.h"
#include "app/data_lock.h"
#include "app/limits_check.h"
#include "app/own_ring.h"
#include "app/size_bound.h"
#include "common/logging.h"
#include "deletes/deleted_patterns.h"

namespace skald::app {
namespace {

constexpr std::string_view kRing = "ingester";
// Of the streams that old entries are divided into: a shorter one would make a stream of each.
constexpr Nanoseconds kMinTimeShard = std::chrono::seconds(1);

chunkstore::ChunkStore::Options StoreOptions(const WritePath::Deps& deps, uint64_t pack_bytes) {
  chunkstore::ChunkStore::Options options;
  options.index_folder = deps.config.index_directory;
  options.lookups = &deps.lookups;
  options.pack_bytes = pack_bytes;
  options.fetcher.block_cache_bytes = deps.memory.shares().block_cache;
  options.fetcher.memory = &deps.memory.budget();
  return options;
}

}  // namespace

WritePath::WritePath(const Deps& deps)
    : deps_(deps),
      marker_(*files_, deps.clock, deps.config.ingester.shutdown_marker_path),
      retention_(
          {.by_age = deps.config.retention_enabled, .parse_selector = ParseRetentionSelector},
          deps.limits) {}

Result<std::unique_ptr<WritePath>> WritePath::Open(const Deps& deps) {
  std::unique_ptr<WritePath> path(new WritePath(deps));
  SKALD_ASSIGN_OR_RETURN(path->locks_, LockData(*path->files_, deps.config));
  SKALD_RETURN_IF_ERROR(path->OpenData());
  SKALD_RETURN_IF_ERROR(path->JoinRing());
  path->MakeDistributor();
  return path;
}

Status WritePath::OpenData() {
  ingester::IngesterOptions ingester = deps_.config.ingester;
  ingester.memory_bytes = deps_.memory.shares().entries;
  ingester.stream_memory_bytes = deps_.memory.shares().streams;
  chunkstore::Compactor::Options compactor = deps_.config.compactor;
  compactor.job.pack_bytes = compactor.policy.pack_bytes = deps_.memory.shares().pack;
  SKALD_ASSIGN_OR_RETURN(
      delete_requests_,
      deletes::RequestStore::Open(deps_.config.deletes, *files_, deps_.limits, deps_.clock));
  SKALD_ASSIGN_OR_RETURN(folder_,
                         chunkstore::FsObjectStore::Open(*files_, deps_.config.chunks_directory));
  if (deps_.config.size_retention.in_use()) {
    SKALD_ASSIGN_OR_RETURN(const auto use, MeasureData(*files_, deps_.config)());
    FitInto(chunkstore::SizeRetention::BoundOf(deps_.config.size_retention, use), &ingester,
            &compactor);
  }
  objects_ = std::make_unique<chunkstore::MeteredObjectStore>(*folder_, "filesystem", deps_.clock);
  SKALD_ASSIGN_OR_RETURN(
      store_, chunkstore::ChunkStore::Open(StoreOptions(deps_, ingester.pack_bytes), *objects_,
                                           deps_.clock));
  deps_.memory.AddCache([this](uint64_t bytes) { store_->ShrinkCaches(bytes); });
  sink_ = std::make_unique<ingester::StoreSink>(*store_);
  SKALD_ASSIGN_OR_RETURN(ingester_,
                         ingester::Ingester::Open(ingester, {.files = *files_,
                                                             .clock = deps_.clock,
                                                             .limits = deps_.limits,
                                                             .sink = *sink_,
                                                             .background = deps_.background,
                                                             .stream_share = nullptr,
                                                             .lookups = &deps_.lookups}));
  deps_.memory.AddWriter([this] { return ingester_->HeldBytes(); });
  SKALD_RETURN_IF_ERROR(StartUpkeep(std::move(compactor)));
  snapshots_ = std::make_unique<maintenance::Snapshotter>(
      maintenance::Snapshotter::Options{.folder = deps_.config.snapshots_directory,
                                        .data = DataFoldersOf(deps_.config)},
      maintenance::Snapshotter::Parts{.files = *files_,
                                      .clock = deps_.clock,
                                      .store = store_->parts(),
                                      .log = ingester_->log(),
                                      .flush = [this] { return ingester_->Flush(); }});
  return {};
}

Status WritePath::StartUpkeep(chunkstore::Compactor::Options options) {
  remover_ = std::make_unique<chunkstore::PackRemover>(store_->parts(), deps_.clock);
  size_retention_ = std::make_unique<chunkstore::SizeRetention>(
      deps_.config.size_retention, store_->parts(), retention_, *remover_,
      MeasureData(*files_, deps_.config), deps_.clock);
  SKALD_RETURN_IF_ERROR(size_retention_->Start());
  if (deps_.config.retention_enabled) {  // The API of requests is there with it alone.
    options.job.erased = &delete_requests_->erasable();
    eraser_ = std::make_unique<deletes::Eraser>(
        options.job,
        deletes::Eraser::Parts{.requests = *delete_requests_,
                               .store = store_->parts(),
                               .remover = *remover_,
                               .flush_off_log = [this] { return ingester_->FlushOffLog(); },
                               .clock = deps_.clock});
  }
  compactor_ = std::make_unique<chunkstore::Compactor>(options, store_->parts(), retention_,
                                                       *remover_, deps_.clock);
  if (eraser_ != nullptr) {
    compactor_->SetChore([this](const CancelToken& cancel) { return eraser_->RunRound(cancel); });
  }
  compactor_->Start();
  return {};
}

Status WritePath::JoinRing() {
  SKALD_RETURN_IF_ERROR(app::JoinRing(kRing, deps_.clock, ring_));
  replicator_ = std::make_unique<distributor::Replicator>(
      ring_, 1, [this](const ring::Member&) { return ingester_.get(); });
  return {};
}

void WritePath::MakeDistributor() {
  distributor::Distributor::Options options;
  options.time_shard = std::max(deps_.config.ingester.max_chunk_age / 2, kMinTimeShard);
  options.refusal_log = deps_.config.refusal_log;
  options.floor_ns = [this] { return retention_.floor_ns(); };
  if (deps_.config.pattern_ingester_enabled) {
    patterns::PatternStore::Options patterns = deps_.config.patterns;
    patterns.memory_bytes = deps_.memory.shares().patterns;
    deps_.memory.AddWriter([bytes = patterns.memory_bytes] { return bytes; });
    patterns_ = std::make_unique<patterns::PatternStore>(patterns, deps_.limits, deps_.clock,
                                                         delete_requests_.get());
    delete_requests_->SetListener(
        [this](const model::TenantId& tenant, const deletes::RequestPart& part) {
          patterns_->Forget(tenant, deletes::DeletedPatterns(part));
        });
    pattern_feed_ =
        std::make_unique<patterns::PatternFeed>(deps_.config.pattern_feed, *patterns_, deps_.clock);
    options.on_stored = [this](const model::TenantId& tenant, model::PushBatch batch) {
      metric_aggregator_->Add(tenant, batch);
      pattern_feed_->Offer(tenant, std::move(batch));
    };
  }
  distributor_ = std::make_unique<distributor::Distributor>(std::move(options), deps_.limits,
                                                            *replicator_, deps_.clock);
  if (!deps_.config.pattern_ingester_enabled) return;
  metric_aggregator_ = std::make_unique<patterns::MetricAggregator>(
      deps_.config.metric_aggregation, deps_.limits,
      [this](const model::TenantId& tenant, model::PushBatch batch) {
        return PushInternal(tenant, std::move(batch));
      });
  pattern_writer_ = std::make_unique<patterns::PatternWriter>(
      deps_.config.pattern_persistence, *patterns_, deps_.limits,
      [this](const model::TenantId& tenant, model::PushBatch batch) {
        return PushInternal(tenant, std::move(batch));
      });
}

Status WritePath::PushInternal(const model::TenantId& tenant, model::PushBatch batch) {
  return distributor_->Push(tenant, {}, std::move(batch)).status;
}

void WritePath::Stop() {
  if (metric_aggregator_ != nullptr) metric_aggregator_->Stop();
  if (pattern_feed_ != nullptr) pattern_feed_->Stop();
  if (pattern_writer_ != nullptr) pattern_writer_->Stop();
  size_retention_->Stop();
  compactor_->Stop();
  bool prepared = false;
  if (marker_.configured()) {
    const Result<bool> set = marker_.IsSet();
    if (!set.ok()) LogError("reading the shutdown marker failed", {{"err", set.status()}});
    prepared = set.ok() && *set;
  }
  Status status =
      StopIngester(prepared ? ingester::AtStop::kFlush : ingester::AtStop::kAsConfigured, prepared);
  if (status.ok() && prepared) status = marker_.Clear();
  if (!status.ok()) LogError("stopping the ingester failed", {{"err", status}});
}

Status WritePath::StopIngester(ingester::AtStop memory, bool leave_ring) {
  SKALD_RETURN_IF_ERROR(ingester_->Stop(memory));
  return leave_ring ? LeaveRing(kRing, ring_) : Status();
}

}  // namespace skald::app
