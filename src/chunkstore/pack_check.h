#pragma once

#include <cstdint>
#include <optional>
#include <set>
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
  // rules out nothing, is logged, and counted in skald_pack_filter_failures_total. A pack of which
  // all is ruled out that was asked for counts as skipped in the stats.
  bool MayMatch(const std::string& pack, const model::Labels& stream, const ChunkReads& reads)
      SKALD_EXCLUDES(mutex_);
  // The same of all streams at once, which may have the labels `of_streams` themselves.
  bool MayMatchAny(const std::string& pack, const std::set<std::string>& of_streams,
                   const ChunkReads& reads) SKALD_EXCLUDES(mutex_);

  // Whether it can rule out any pack.
  bool asks() const { return asks_; }

 private:
  struct Asked {
    std::optional<PackVerdict> verdict;  // Nothing for a pack that does not tell.
    bool wanted = false;                 // By a stream at least.
    bool skipped = false;                // Counts as such.
  };

  // What `may_match` says of the pack, which is judged if it has not been.
  template <typename Question>
  bool Ask(const std::string& pack, const ChunkReads& reads, const Question& may_match)
      SKALD_EXCLUDES(mutex_);
  std::optional<PackVerdict> Judge(const std::string& pack, const ChunkReads& reads) const;
  static void Count(Asked& pack, model::ScanStats& stats);

  const BlockPruner& pruner_;
  ChunkFetcher& fetcher_;
  const bool asks_;

  Mutex mutex_;
  StringMap<Asked> packs_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald::chunkstore
