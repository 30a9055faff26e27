#pragma once

#include <string>
#include <vector>

#include "chunkstore/format/pack.h"
#include "chunkstore/index/commit_builder.h"
#include "chunkstore/objstore/object_store.h"
#include "common/status.h"

namespace skald::chunkstore {

// The directory of a pack in the store; reads footer and directory only. kDataLoss if it is
// damaged, else errors of ObjectStore::GetRange.
Result<std::vector<PackEntry>> ReadStoredDirectory(const ObjectEntry& pack, ObjectStore& objects);

// The chunks that a pack's directory names, as the index has them.
std::vector<CommittedChunk> ChunksOfPack(const std::string& key, std::vector<PackEntry> entries);

}  // namespace skald::chunkstore
