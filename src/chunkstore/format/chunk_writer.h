#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/format/block_sealer.h"
#include "chunkstore/format/chunk_layout.h"
#include "common/status.h"

namespace skald::chunkstore {

// A chunk that has not been written yet, with what its pack and the index say of it. Its blocks are
// shared with who made them: it is not in memory in one piece.
struct FinishedChunk {
  std::string head;  // Prologue and block table.
  std::vector<std::shared_ptr<const SealedBlock>> blocks;
  uint64_t bytes = 0;  // Of head and blocks.
  ChunkSummary summary;

  // Appends the pieces that make the chunk, which live as long as it does.
  void AppendParts(std::vector<std::string_view>& parts) const;
  std::string Bytes() const;
};

// Joins sealed blocks of one stream to a chunk.
//
// Order:   (Append+ Finish)*; Finish begins anew.
// Threads: not synchronised.
// Format:  FORMAT.md.
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
  // Requires: Fits(block->header).
  void Append(std::shared_ptr<const SealedBlock> block);

  bool empty() const { return blocks_.empty(); }
  // Whether the caller should finish this chunk. Never enforced here.
  bool full() const { return stored_bytes_ >= options_.chunk_bytes; }

  // Requires: !empty().
  FinishedChunk Finish();

 private:
  const Options options_;
  std::vector<std::shared_ptr<const SealedBlock>> blocks_;
  uint64_t stored_bytes_ = 0;
};

// Blocks of one stream, in the order of time, as chunks.
std::vector<FinishedChunk> JoinToChunks(std::vector<SealedBlock> blocks,
                                        const ChunkWriter::Options& options = {});

// `entries` as chunks of blocks made by `sealer`: the short way where no block exists before its
// chunk.
std::vector<FinishedChunk> MakeChunks(const model::EntryBlock& entries, BlockSealer& sealer,
                                      const ChunkWriter::Options& options = {});

}  // namespace skald::chunkstore
