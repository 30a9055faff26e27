#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "chunkstore/compact/stream_merger.h"
#include "chunkstore/format/block_sealer.h"
#include "chunkstore/format/chunk_writer.h"
#include "chunkstore/index/commit_builder.h"
#include "chunkstore/objstore/object_store.h"
#include "common/status.h"
#include "model/entry_filter.h"

namespace skald::chunkstore {

// What is left of a chunk.
struct TrimmedChunk {
  std::vector<FinishedChunk> chunks;  // Mostly one; none if nothing is left.
  uint64_t entries = 0;
  uint64_t erased = 0;
};

// Takes entries out of chunks. Blocks of which all stays are taken over as they are stored, checked
// but not decoded; the others are sealed anew.
//
// Ownership: borrows the object store.
// Threads:   not synchronised; one caller at a time.
// Cost:      the stored bytes of a chunk in memory, twice; time goes into blocks that lose some.
class ChunkTrimmer {
 public:
  // `options` say how blocks are sealed.
  ChunkTrimmer(const StreamMerger::Options& options, ObjectStore& objects)
      : options_(options), objects_(objects), sealer_(options.sealer) {}
  ChunkTrimmer(const ChunkTrimmer&) = delete;
  ChunkTrimmer& operator=(const ChunkTrimmer&) = delete;

  // Says what is to go of the chunk's stream at [first_ns, last_ns]; null if nothing is.
  using FilterFor =
      std::function<std::unique_ptr<model::EntryFilter>(int64_t first_ns, int64_t last_ns)>;

  // kDataLoss for damage, kUnimplemented for a form of the future, others as ObjectStore::GetRange:
  // then the chunk must stay where it is.
  Result<TrimmedChunk> Trim(const CommittedChunk& chunk, const FilterFor& filter_for);

 private:
  // Appends to `kept` what stays of a block.
  Status TrimBlock(const CommittedChunk& chunk, SealedBlock block, model::EntryFilter& filter,
                   std::vector<SealedBlock>& kept);

  const StreamMerger::Options options_;
  ObjectStore& objects_;
  BlockSealer sealer_;
};

}  // namespace skald::chunkstore
