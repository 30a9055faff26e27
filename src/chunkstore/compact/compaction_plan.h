#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "chunkstore/objstore/object_store.h"

namespace skald::chunkstore {

struct CompactionPolicy {
  uint64_t job_bytes = 512 << 20;   // Stored bytes that one job reads: what a crash may cost.
  uint64_t pack_bytes = 192 << 20;  // Compacted packs of half this size stay as they are.
  size_t merge_packs = 8;           // Compacted packs of one day that are worth a merge.
};

// Which packs to join, a job each:
//
//   fresh packs       all of them, oldest first, job_bytes at a time;
//   compacted packs   of one day, once merge_packs are small and none is larger than the others
//                     together, so that a byte is written again only when its pack at least
//                     doubles.
//
// Told apart by their keys (CompactedDay). Pure.
std::vector<std::vector<ObjectEntry>> PlanCompaction(const std::vector<ObjectEntry>& packs,
                                                     const CompactionPolicy& policy);

}  // namespace skald::chunkstore
