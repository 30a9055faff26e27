#pragma once

#include <string>

#include "common/status.h"

namespace rocksdb {
class Env;
}

namespace skald::chunkstore {

// The folder of a store, as it has to be looked after around RocksDB. Errors of the disk are those
// of ToStatus.
//
// Threads: functions, for a folder that nobody else opens, moves or removes meanwhile.

// With those above it.
Status MakeStoreFolder(rocksdb::Env& env, const std::string& folder);

// kDataLoss if what is there is not to be opened: it was marked as damaged, or RocksDB would begin
// anew and remove it.
Status CheckStoreFolder(rocksdb::Env& env, const std::string& folder);

// Has CheckStoreFolder refuse it from now on.
Status MarkStoreDamaged(rocksdb::Env& env, const std::string& folder);

// Renames it to make room for a new one; what was set aside before is removed.
Status SetStoreFolderAside(rocksdb::Env& env, const std::string& folder);

}  // namespace skald::chunkstore
