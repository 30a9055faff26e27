#include "chunkstore/index/rocksdb_status.h"

#include <rocksdb/status.h>

#include <string>

namespace skald::chunkstore {

Status ToStatus(const rocksdb::Status& status) {
  if (status.ok()) return {};
  const std::string message = "index: " + status.ToString();
  if (status.IsCorruption()) return DataLoss(message);
  if (status.IsNoSpace()) return ResourceExhausted(message);
  return Unavailable(message);
}

}  // namespace skald::chunkstore
