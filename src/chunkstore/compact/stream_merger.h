#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "chunkstore/chunk_fetcher.h"
#include "chunkstore/format/block_sealer.h"
#include "chunkstore/format/chunk_writer.h"
#include "chunkstore/index/commit_builder.h"
#include "chunkstore/pack_leases.h"
#include "common/executor.h"
#include "common/status.h"
#include "model/entry_filter.h"

namespace skald::chunkstore {

// What merging the chunks of one stream gave.
struct MergedStream {
  // Why it is not to replace anything, if so: kDataLoss for damage, kUnimplemented for a form of
  // the future, others for what cannot be read now.
  Status unreadable;
  uint64_t entries = 0;
  uint64_t duplicates = 0;  // Entries that were stored more than once, and now are no more.
  uint64_t erased = 0;      // Entries that the filter took out.
};

// Makes of a stream's chunks, which may overlap and hold the same entries, chunks that do not:
// sorted by time, each entry once, cut into blocks anew.
//
// Ownership: keeps the fetcher and the packs under its lease.
// Threads:   not synchronised; one caller at a time.
// Cost:      Options::gather_bytes of entries in memory, twice, and the chunks made of them.
class StreamMerger {
 public:
  struct Options {
    // Compacted blocks are read many times and written seldom: a slower codec pays. Higher levels
    // do not; see FIGURES.md.
    // The filter of the pack takes the rest of a tenth.
    BlockSealer::Options sealer = {
        .codec = Codec::kZstd, .level = 1, .split_lines = true, .filter_percent = 4.9};
    ChunkWriter::Options chunks = {};
    size_t gather_bytes = 16 << 20;  // Raw bytes of entries that are sealed at once.
  };

  StreamMerger(const Options& options, std::shared_ptr<ChunkFetcher> fetcher,
               PackLeases::Lease lease);
  StreamMerger(const StreamMerger&) = delete;
  StreamMerger& operator=(const StreamMerger&) = delete;

  // Takes the chunks that are made, one after the other in time.
  using Output = std::function<Status(std::vector<FinishedChunk>)>;

  // `chunks` are of one tenant, stream and day; `filter` takes out what is not to be written, and
  // may be null. Errors are those of `out`, and kCancelled as `cancel` says. After one, and of an
  // unreadable stream, `out` was not given all.
  Result<MergedStream> Merge(std::span<const CommittedChunk> chunks, model::EntryFilter* filter,
                             const CancelToken& cancel, const Output& out);

 private:
  const Options options_;
  const std::shared_ptr<ChunkFetcher> fetcher_;
  const PackLeases::Lease lease_;
  BlockSealer sealer_;
};

}  // namespace skald::chunkstore
