#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "chunkstore/chunk_fetcher.h"
#include "chunkstore/format/block_pruner.h"
#include "common/hash.h"
#include "common/mutex.h"
#include "model/labels.h"

namespace skald::chunkstore {

// Asks packs, by their filters, whether they may have what a request wants: each of them once,
// however many chunks it has of the request's streams.
//
// Ownership: borrows pruner and fetcher.
// Threads:   any thread may call. Two that meet a new pack at once both ask it.
// Cost:      for a new pack, up to three short reads and one for each id that is looked for.
class PackCheck {
 public:
  PackCheck(const BlockPruner& pruner, ChunkFetcher& fetcher)
      : pruner_(pruner), fetcher_(fetcher), asks_(pruner.AsksPacks()) {}

  // False only if the pack has nothing of the stream that the request wants. What is unreadable
  // rules out nothing, and is logged.
  bool MayMatch(const std::string& pack, const model::Labels& stream, const ChunkReads& reads)
      SKALD_EXCLUDES(mutex_);

 private:
  std::optional<PackVerdict> Ask(const std::string& pack, const ChunkReads& reads) const;

  const BlockPruner& pruner_;
  ChunkFetcher& fetcher_;
  const bool asks_;

  Mutex mutex_;
  // Nothing for a pack that does not tell.
  StringMap<std::optional<PackVerdict>> verdicts_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald::chunkstore
