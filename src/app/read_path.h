#pragma once

#include "app/app_config.h"
#include "app/process_memory.h"
#include "app/write_path.h"
#include "common/clock.h"
#include "common/executor.h"
#include "common/limits.h"
#include "common/memory_budget.h"
#include "querier/expired_entries.h"
#include "querier/ingester_source.h"
#include "querier/merged_source.h"
#include "querier/metadata_query.h"
#include "querier/pattern_query.h"
#include "querier/querier.h"
#include "querier/retained_source.h"
#include "querier/store_source.h"
#include "querier/tails.h"
#include "querier/visible_source.h"
#include "querier/volume_query.h"

namespace skald::app {

// What a query goes through: the sources, memory and store, and what asks them.
//
// Ownership: borrows all of its Deps.
// Threads:   the parts say for themselves who may call them.
class ReadPath {
 public:
  struct Deps {
    const AppConfig& config;
    const LimitsSource& limits;
    const Clock& clock;
    Executor& handlers;  // Where queries are answered.
    Executor& workers;   // That they are cut up for.
    Executor& tailers;   // Where live tails meet what is pushed.
    WritePath& data;
    ProcessMemory& memory;
  };

  explicit ReadPath(const Deps& deps);
  ReadPath(const ReadPath&) = delete;
  ReadPath& operator=(const ReadPath&) = delete;

  querier::Querier& querier() { return querier_; }
  querier::MetadataQuery& metadata() { return metadata_; }
  querier::VolumeQuery& volume() { return volume_; }
  querier::PatternQuery& patterns() { return patterns_; }
  querier::Tails& tails() { return tails_; }

 private:
  querier::IngesterSource memory_;
  querier::StoreSource store_;
  querier::MergedSource stored_;
  querier::VisibleSource visible_;   // What delete requests leave of it.
  querier::RetainedSource source_;   // What of that has not expired.
  querier::ExpiredEntries expired_;  // Of what tails are given.
  MemoryBudget query_memory_;
  querier::Querier querier_;
  querier::MetadataQuery metadata_;
  querier::VolumeQuery volume_;
  querier::PatternQuery patterns_;
  querier::Tails tails_;
};

}  // namespace skald::app
