#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "chunkstore/format/block_sealer.h"
#include "chunkstore/format/chunk_layout.h"
#include "common/status.h"

namespace skald::chunkstore {

// A chunk's bytes with what its pack and the index say of it.
struct FinishedChunk {
  std::string bytes;
  uint32_t head_bytes = 0;  // Prologue and block table, at the front of `bytes`.
  ChunkSummary summary;
};

// Joins sealed blocks of one stream to a chunk.
//
// Order:     (Append+ Finish)*; Finish begins anew.
// Ownership: borrows the blocks until Finish, which copies them.
// Threads:   not synchronised.
// Format:    FORMAT.md.
class ChunkWriter {
 public:
  struct Options {
    uint64_t chunk_bytes = 4 << 20;  // Stored size at which full() turns true.
  };

  explicit ChunkWriter(const Options& options) : options_(options) {}
  ChunkWriter(const ChunkWriter&) = delete;
  ChunkWriter& operator=(const ChunkWriter&) = delete;

  // Whether `block` may be appended: every entry of it is later than all so far, and of the same
  // day. If not, the caller finishes this chunk and begins another.
  bool Fits(const BlockHeader& block) const;
  // Requires: Fits(block.header).
  void Append(const SealedBlock& block);

  bool empty() const { return blocks_.empty(); }
  // Whether the caller should finish this chunk. Never enforced here.
  bool full() const { return stored_bytes_ >= options_.chunk_bytes; }

  // Requires: !empty().
  FinishedChunk Finish();

 private:
  const Options options_;
  std::vector<const SealedBlock*> blocks_;
  uint64_t stored_bytes_ = 0;
};

// `entries` as chunks of blocks made by `sealer`: the short way where no block exists before its
// chunk.
std::vector<FinishedChunk> MakeChunks(const model::EntryBlock& entries, BlockSealer& sealer,
                                      const ChunkWriter::Options& options = {});

}  // namespace skald::chunkstore
