#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "chunkstore/chunk_fetcher.h"
#include "chunkstore/format/block_pruner.h"
#include "chunkstore/index/label_index.h"
#include "chunkstore/pack_check.h"
#include "chunkstore/pack_leases.h"
#include "common/metrics.h"
#include "common/status.h"
#include "model/batch_source.h"

namespace skald::chunkstore {

// What reads, if it is no query.
struct ScanPurpose {
  // Of compaction, say: is not counted as a query, leaves the caches alone, and takes columns that
  // are not known here for unreadable rather than for unwanted.
  bool rewrites = false;
  // Told of what could not be read, besides the warning; on the thread that reads.
  std::function<void(const Status&)> on_unreadable = {};
};

// What the scans of one request share.
//
// Ownership: borrows the context; keeps the fetcher alive, and the packs under its lease.
// Threads:   immutable, but for what is safe to share.
struct StoredPlan {
  StoredPlan(const model::ScanRequest& request, model::ScanContext& scan_context,
             std::shared_ptr<ChunkFetcher> chunk_fetcher, PackLeases::Lease pack_lease,
             ScanPurpose scan_purpose = {});

  ChunkReads reads() const {
    return {.stats = context.stats, .allowances = purpose.rewrites ? nullptr : &cache_allowances};
  }

  const model::TimeRange range;
  const model::Direction direction;
  const model::ColumnSet columns;
  // Null also of what rewrites.
  const std::shared_ptr<const model::LineExcerpt> excerpt;
  const BlockPruner pruner;
  model::ScanContext& context;
  const std::shared_ptr<ChunkFetcher> fetcher;
  // Null of what rewrites: it wants everything.
  const std::unique_ptr<PackCheck> packs;
  const PackLeases::Lease lease;  // Taken before the index was asked.
  const ScanPurpose purpose;
  mutable CacheAllowances cache_allowances;
  const Counter fetched_chunks;
  const Counter decode_failures;
};

// A scan of the stored chunks of one stream. What cannot be read is left out, with a warning in the
// context that names it. Null if the pruner rules out the stream. Requires: there are chunks, and
// all of them touch the plan's range.
std::unique_ptr<model::StreamScan> MakeStoredScan(std::shared_ptr<const StoredPlan> plan,
                                                  StreamChunks stream);

}  // namespace skald::chunkstore
