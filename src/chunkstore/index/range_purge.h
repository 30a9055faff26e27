#pragma once

#include <string>
#include <vector>

#include "common/executor.h"

namespace rocksdb {
class DB;
class Status;
}  // namespace rocksdb

namespace skald::chunkstore {

// Keys from `begin` on, and before `end`.
struct KeyRange {
  std::string begin;
  std::string end;
};

// Rewrites tables until none holds a key or value of `ranges`, in that order, that was deleted
// before: RocksDB itself would do so when it happens to. The manifest has the ends of tables, and
// so may name such a key until the next change to the set of tables is written to a new one.
//
// Threads: any thread may call. Nothing else is compacted meanwhile.
// Cost:    flushes, reads the tables that the ranges touch and writes them anew, each about once.
//          Blocks. Ends early, with OK, when it is cancelled.
rocksdb::Status PurgeRanges(rocksdb::DB& db, const std::vector<KeyRange>& ranges,
                            const CancelToken& cancel);

}  // namespace skald::chunkstore
