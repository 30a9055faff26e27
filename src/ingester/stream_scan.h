#pragma once

#include <memory>

#include "chunkstore/format/block_pruner.h"
#include "ingester/stream.h"
#include "model/batch_source.h"

namespace skald::ingester {

// What all scans of one request share.
//
// Threads: immutable, but for the context.
struct ScanPlan {
  ScanPlan(const model::ScanRequest& request, model::ScanContext& scan_context);

  const model::TimeRange range;
  const model::Direction direction;
  const model::ColumnSet columns;
  const chunkstore::BlockPruner pruner;
  model::ScanContext& context;
};

// A scan of the entries that `stream` has in memory in the plan's range; null if there are none
// that the request can want.
// It keeps hold of the parts, so that a flush in between takes nothing from it.
std::unique_ptr<model::StreamScan> MakeStreamScan(std::shared_ptr<const ScanPlan> plan,
                                                  std::shared_ptr<const Stream> stream);

}  // namespace skald::ingester
