#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "chunkstore/format/chunk_writer.h"
#include "common/status.h"
#include "model/ids.h"
#include "model/labels.h"

namespace skald::ingester {

// What a flush has of one stream: all its entries in memory up to `last_seq`, as chunks.
struct StreamFlush {
  std::string tenant;
  std::shared_ptr<const model::Labels> labels;
  model::Fingerprint fingerprint;
  uint64_t last_seq = 0;
  std::vector<chunkstore::FinishedChunk> chunks;
};

// Where flushed entries go: the chunk store, as the ingester sees it.
//
// Threads: any thread may call.
class ChunkSink {
 public:
  virtual ~ChunkSink() = default;

  // Stores all of it or nothing. On return the chunks are durable and seen by every query that
  // begins, and FlushedSeq says `last_seq` for each stream, by the same commit.
  virtual Status Store(std::vector<StreamFlush> streams) = 0;

  // The highest sequence number stored of a stream; 0 when there is none. What is at or below it
  // must not be stored again.
  virtual Result<uint64_t> FlushedSeq(const std::string& tenant,
                                      model::Fingerprint fingerprint) = 0;
  // The highest of all streams; 0 for an empty store.
  virtual Result<uint64_t> HighestSeq() = 0;
};

}  // namespace skald::ingester
