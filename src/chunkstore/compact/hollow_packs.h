#pragma once

#include <set>
#include <string>
#include <vector>

#include "chunkstore/objstore/object_store.h"
#include "chunkstore/store_parts.h"

namespace skald::chunkstore {

// Adds to `jobs`, one each, those of `packs` that have `thinned` out so far that the index names
// less than half of their bytes: to write these anew frees more than it writes. Those that a job
// has already, or whose directory cannot be read, are passed over.
//
// Cost: reads the directory of each pack that is in both lists.
void AddHollowPacks(const StoreParts& parts, const std::vector<ObjectEntry>& packs,
                    const std::set<std::string>& thinned,
                    std::vector<std::vector<ObjectEntry>>& jobs);

}  // namespace skald::chunkstore
