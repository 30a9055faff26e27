#pragma once

#include "common/status.h"

namespace rocksdb {
class Status;
}

namespace skald::chunkstore {

// What RocksDB says, as an error of the index: kDataLoss for damage, kResourceExhausted when the
// disk is full, else kUnavailable.
Status ToStatus(const rocksdb::Status& status);

}  // namespace skald::chunkstore
