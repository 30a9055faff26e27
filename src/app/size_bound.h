#pragma once

#include "app/app_config.h"
#include "chunkstore/compact/size_retention.h"
#include "common/files.h"

namespace skald::app {

// What follows from a bound on the data's size: compactor.retention_max_bytes and
// compactor.retention_max_disk_share.

// Looks at all that a process keeps, and at the disk that packs are on. Snapshots do not count:
// what they keep no retention can free.
//
// Ownership: borrows both.
chunkstore::SizeRetention::Measure MeasureData(FileSystem& files, const AppConfig& config);

// Makes packs, segments of the log and jobs of compaction small against `bound`, so that what goes
// at a time is a small part of what is kept. Never makes anything larger.
void FitInto(uint64_t bound, ingester::IngesterOptions* ingester,
             chunkstore::Compactor::Options* compactor);

}  // namespace skald::app
