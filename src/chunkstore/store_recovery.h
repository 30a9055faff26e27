#pragma once

#include <memory>
#include <string_view>

#include "chunkstore/index/label_index.h"
#include "chunkstore/objstore/object_store.h"
#include "chunkstore/unreadable_packs.h"
#include "common/status.h"

namespace skald::chunkstore {

// What a store does when it opens, before anyone writes to it: makes index and packs agree.
//
// Threads: one caller, alone.

// The index in `options.folder`. One that is damaged is renamed and a new one begun. One that is
// new is filled from the packs in `objects`; those that cannot be read are added to `unreadable`.
Result<std::unique_ptr<LabelIndex>> OpenIndex(const LabelIndex::Options& options,
                                              ObjectStore& objects, UnreadablePacks& unreadable);

// For metrics: the index turned out to be damaged.
void CountIndexDamage();

// Decides on packs whose key begins with `prefix` and that the index does not name. If all that it
// names are there and can be read, what it has forgotten goes, and so does the output of a
// compaction that was cut short. If not, what is forgotten stays as it is until a start finds them
// so: it may be all that is left of what a damaged pack has taken the place of. Any other is named:
// a flush may have been cut short, whose entries the log has as well and which are then dropped as
// duplicates; or RocksDB has come back with less than it had, which it does without a word when its
// manifest has lost its end. Those that cannot be read are left as they are and added to
// `unreadable`.
//
// Cost: a listing, and a read of the first 20 bytes of each pack that is named (fewer than a
// hundred make 100 GB): a folder has no checksums of its own, and no query would ever tell of
// damage there, as chunks are found by the index alone. A store that checks what it keeps needs no
// such read. After a compaction that was cut short directories are read as well.
Status SettleUnnamedPacks(std::string_view prefix, LabelIndex& index, ObjectStore& objects,
                          UnreadablePacks& unreadable);

}  // namespace skald::chunkstore
