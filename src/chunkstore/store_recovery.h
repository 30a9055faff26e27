#pragma once

#include <memory>
#include <string_view>

#include "chunkstore/index/label_index.h"
#include "chunkstore/objstore/object_store.h"
#include "common/status.h"

namespace skald::chunkstore {

// What a store does when it opens, before anyone writes to it: makes index and packs agree.
//
// Threads: one caller, alone.

// The index in `options.folder`. One that is damaged is renamed and a new one begun. One that is
// new is filled from the packs in `objects`; a pack that cannot be read is reported and left out.
Result<std::unique_ptr<LabelIndex>> OpenIndex(const LabelIndex::Options& options,
                                              ObjectStore& objects);

// For metrics: the index turned out to be damaged.
void CountIndexDamage();

// Removes packs whose key begins with `prefix` and that the index does not name: of a flush or a
// compaction that was cut short, or replaced by a compaction. One that is damaged is kept, as what
// it held may be wanted still.
Status RemoveOrphans(std::string_view prefix, const LabelIndex& index, ObjectStore& objects);

}  // namespace skald::chunkstore
