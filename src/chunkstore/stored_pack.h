#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chunkstore/format/pack.h"
#include "chunkstore/format/pack_filter.h"
#include "chunkstore/index/commit_builder.h"
#include "chunkstore/objstore/object_store.h"
#include "common/status.h"

namespace skald::chunkstore {

// The directory of a pack in the store; reads footer and directory only. kDataLoss if it is
// damaged, else errors of ObjectStore::GetRange.
Result<std::vector<PackEntry>> ReadStoredDirectory(const ObjectEntry& pack, ObjectStore& objects);

// Whether footer and directory are as they were written, without a look at what they say. Errors as
// of ReadStoredDirectory.
Status CheckStoredDirectory(const ObjectEntry& pack, ObjectStore& objects);

// Whether a pack begins as one. kDataLoss if not, else errors of ObjectStore::GetRange.
Status CheckStoredHead(const ObjectEntry& pack, ObjectStore& objects);

// The filter of a pack with all of its regions.
struct WholePackFilter {
  PackFilter filter;
  std::string head;  // As it is stored.
  std::string regions;
  uint64_t bytes = 0;  // All that it adds to the pack.

  bool MayMatch(const PackProbe& probe, const model::Labels& stream) const;
};

// Nothing if the pack has none. kDataLoss if any byte of it is damaged, else errors of
// ObjectStore::GetRange.
Result<std::optional<WholePackFilter>> ReadStoredFilter(const std::string& pack,
                                                        ObjectStore& objects);

// The chunks that a pack's directory names, as the index has them.
std::vector<CommittedChunk> ChunksOfPack(const std::string& key, std::vector<PackEntry> entries);

}  // namespace skald::chunkstore
