#pragma once

#include <rocksdb/env.h>

#include <memory>

#include "common/files.h"

namespace skald::test {

// RocksDB's files in a FileSystem of ours, so that what fails or is lost there fails and is lost
// for the index as for log and packs. Locks and modification times mean nothing.
//
// Ownership: borrows `files`.
// Threads:   any thread may call.
std::unique_ptr<rocksdb::Env> MakeRocksDbEnv(FileSystem& files);

}  // namespace skald::test
