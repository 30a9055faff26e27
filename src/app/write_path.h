#pragma once

#include <memory>
#include <vector>

#include "app/app_config.h"
#include "app/process_memory.h"
#include "chunkstore/chunk_store.h"
#include "chunkstore/compact/compactor.h"
#include "chunkstore/compact/pack_remover.h"
#include "chunkstore/compact/retention.h"
#include "chunkstore/compact/size_retention.h"
#include "chunkstore/objstore/fs_object_store.h"
#include "chunkstore/objstore/metered_object_store.h"
#include "common/clock.h"
#include "common/executor.h"
#include "common/files.h"
#include "common/folder_lock.h"
#include "common/limits.h"
#include "common/status.h"
#include "deletes/eraser.h"
#include "deletes/request_store.h"
#include "distributor/distributor.h"
#include "distributor/replicator.h"
#include "ingester/ingester.h"
#include "ingester/shutdown_marker.h"
#include "ingester/store_sink.h"
#include "maintenance/snapshot.h"
#include "patterns/metric_aggregator.h"
#include "patterns/pattern_feed.h"
#include "patterns/pattern_store.h"
#include "patterns/pattern_writer.h"
#include "ring/in_memory_member_store.h"

namespace skald::app {

// What a push goes through: distributor, ring, ingester and the store under it, with the compactor
// that keeps the store in order, and the requests to delete what is stored. Beside it, what finds
// the patterns of lines.
//
// Order:     Open, then anything, then Stop, which is idempotent.
// Ownership: borrows all of its Deps.
// Threads:   the parts say for themselves who may call them.
class WritePath {
 public:
  struct Deps {
    const AppConfig& config;
    const LimitsSource& limits;
    const Clock& clock;
    Executor& background;  // Compresses and stores.
    Executor& lookups;     // Helps with long lists of label values.
    ProcessMemory& memory;
  };

  // Opens the data and replays the log. Errors name the file.
  static Result<std::unique_ptr<WritePath>> Open(const Deps& deps);
  WritePath(const WritePath&) = delete;
  WritePath& operator=(const WritePath&) = delete;

  // Refuses pushes from now on and makes memory durable, or leaves it to the log. With the shutdown
  // marker set, flushes in any case and leaves the ring.
  void Stop();
  // Only the first call does anything to the ingester, Stop's included.
  Status StopIngester(ingester::AtStop memory, bool leave_ring);

  chunkstore::ChunkStore& store() { return *store_; }
  ingester::Ingester& ingester() { return *ingester_; }
  ring::MemberStore& ring() { return ring_; }
  distributor::Distributor& distributor() { return *distributor_; }
  deletes::RequestStore& delete_requests() { return *delete_requests_; }
  const model::EntryFilterSource& hidden() const { return *delete_requests_; }
  const chunkstore::Retention& retention() const { return retention_; }
  // Null unless pattern_ingester.enabled.
  const patterns::PatternStore* patterns() const { return patterns_.get(); }
  maintenance::Snapshotter& snapshots() { return *snapshots_; }
  const ingester::ShutdownMarker& shutdown_marker() const { return marker_; }

 private:
  explicit WritePath(const Deps& deps);
  Status OpenData();
  Status StartUpkeep(chunkstore::Compactor::Options compactor);
  Status JoinRing();
  void MakeDistributor();
  // Stores what the patterns' parts write down.
  Status PushInternal(const model::TenantId& tenant, model::PushBatch batch);

  const Deps deps_;
  // In the order in which each needs those above it; destroyed from the bottom up.
  const std::unique_ptr<FileSystem> files_ = MakePosixFileSystem();
  std::vector<FolderLock> locks_;
  const ingester::ShutdownMarker marker_;
  chunkstore::Retention retention_;
  std::unique_ptr<deletes::RequestStore> delete_requests_;
  std::unique_ptr<chunkstore::FsObjectStore> folder_;
  std::unique_ptr<chunkstore::MeteredObjectStore> objects_;
  std::unique_ptr<chunkstore::ChunkStore> store_;
  std::unique_ptr<ingester::StoreSink> sink_;
  std::unique_ptr<ingester::Ingester> ingester_;
  std::unique_ptr<chunkstore::PackRemover> remover_;
  std::unique_ptr<chunkstore::SizeRetention> size_retention_;
  std::unique_ptr<deletes::Eraser> eraser_;  // Null where nothing is ever deleted.
  std::unique_ptr<chunkstore::Compactor> compactor_;
  std::unique_ptr<maintenance::Snapshotter> snapshots_;
  ring::InMemoryMemberStore ring_;
  std::unique_ptr<distributor::Replicator> replicator_;
  std::unique_ptr<patterns::PatternStore> patterns_;
  std::unique_ptr<patterns::PatternFeed> pattern_feed_;
  std::unique_ptr<distributor::Distributor> distributor_;
  std::unique_ptr<patterns::MetricAggregator> metric_aggregator_;
  std::unique_ptr<patterns::PatternWriter> pattern_writer_;
};

}  // namespace skald::app
