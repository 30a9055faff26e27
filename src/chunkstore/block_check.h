#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "chunkstore/chunk_fetcher.h"
#include "chunkstore/format/block_filters.h"
#include "chunkstore/format/block_pruner.h"
#include "chunkstore/format/chunk_layout.h"
#include "chunkstore/index/index_keys.h"
#include "common/status.h"
#include "model/labels.h"

namespace skald::chunkstore {

// Which blocks of a chunk may have what a request wants, by their columns and filters. Filters are
// read when they are needed, for all blocks at once: at first the part that probably suffices, and
// the others only where that has not ruled out a block.
//
// Ownership: borrows pruner, labels, chunk, header and fetcher.
// Threads:   not synchronised.
class BlockCheck {
 public:
  // Is told, once of the part and once of the others, that filters could not be read, as
  // ChunkFetcher has it. Nothing is ruled out by these.
  using OnUnreadable = std::function<void(const Status&)>;

  BlockCheck(const BlockPruner& pruner, const model::Labels& stream, const ChunkRef& chunk,
             const ChunkHeader& header, ChunkFetcher& fetcher, OnUnreadable on_unreadable);
  BlockCheck(const BlockCheck&) = delete;
  BlockCheck& operator=(const BlockCheck&) = delete;

  // False only if no entry of the block is wanted. Requires: index < header.blocks.size().
  bool MayMatch(size_t index, const ChunkReads& reads);

 private:
  struct ChosenFilters {
    FilterChoice choice = kNoFilters;
    bool asked = false;
    std::shared_ptr<const ChunkFilters> read;  // Null until it is asked for, or if unreadable.
  };

  // Of the block; what cannot be read tells nothing.
  BlockFilters FiltersOf(size_t index, ChosenFilters& chosen, const ChunkReads& reads);

  const BlockPruner& pruner_;
  const model::Labels& stream_;
  const ChunkRef& chunk_;
  const ChunkHeader& header_;
  ChunkFetcher& fetcher_;
  const OnUnreadable on_unreadable_;
  ChosenFilters first_;
  ChosenFilters others_;
};

}  // namespace skald::chunkstore
