#pragma once

#include "chunkstore/chunk_store.h"
#include "ingester/chunk_sink.h"

namespace skald::app {

// The chunk store as an ingester's flushes see it.
//
// Ownership: borrows `store`.
// Threads:   any thread may call.
class StoreSink final : public ingester::ChunkSink {
 public:
  explicit StoreSink(chunkstore::ChunkStore& store) : store_(store) {}

  Status Store(std::vector<ingester::StreamFlush> streams) override;
  Result<uint64_t> FlushedSeq(const std::string& tenant, model::Fingerprint fingerprint) override;
  Result<uint64_t> HighestSeq() override { return store_.HighestSeq(); }

 private:
  chunkstore::ChunkStore& store_;
};

}  // namespace skald::app
