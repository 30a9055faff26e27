#pragma once

#include <string>
#include <vector>

#include "chunkstore/chunk_store.h"
#include "ingester/chunk_sink.h"

namespace skald::ingester {

// The chunk store of this process as a ChunkSink.
//
// Ownership: borrows the store.
// Threads:   any thread may call.
class StoreSink final : public ChunkSink {
 public:
  explicit StoreSink(chunkstore::ChunkStore& store) : store_(store) {}

  Status Store(std::vector<StreamFlush> streams) override;
  Result<uint64_t> FlushedSeq(const std::string& tenant, model::Fingerprint fingerprint) override;
  Result<uint64_t> HighestSeq() override;

 private:
  chunkstore::ChunkStore& store_;
};

}  // namespace skald::ingester
