#include "chunkstore/block_check.h"

#include <utility>

namespace skald::chunkstore {

BlockCheck::BlockCheck(const BlockPruner& pruner, const model::Labels& stream,
                       const ChunkRef& chunk, const ChunkHeader& header, ChunkFetcher& fetcher,
                       OnUnreadable on_unreadable)
    : pruner_(pruner),
      stream_(stream),
      chunk_(chunk),
      header_(header),
      fetcher_(fetcher),
      on_unreadable_(std::move(on_unreadable)) {
  FilterChoice all = kNoFilters;
  for (const BlockHeader& block : header.blocks) {
    if (!pruner.MayMatch(stream, block)) continue;
    first_.choice |= pruner.AsksFirst(stream, block);
    all |= pruner.AsksFilters(stream, block);
  }
  others_.choice = all.Without(first_.choice);
}

bool BlockCheck::MayMatch(size_t index, const ChunkReads& reads) {
  const BlockHeader& block = header_.blocks[index];
  if (!pruner_.MayMatch(stream_, block)) return false;
  if (pruner_.AsksFilters(stream_, block) == kNoFilters) return true;
  BlockFilters filters = FiltersOf(index, first_, reads);
  if (!pruner_.MayMatch(stream_, block, filters)) return false;
  if (others_.choice == kNoFilters || !block.HasLineFilterParts()) return true;
  filters.Add(FiltersOf(index, others_, reads));
  return pruner_.MayMatch(stream_, block, filters);
}

BlockFilters BlockCheck::FiltersOf(size_t index, ChosenFilters& chosen, const ChunkReads& reads) {
  if (!std::exchange(chosen.asked, true)) {
    auto read = fetcher_.Filters(chunk_, header_, chosen.choice, reads);
    if (read.ok()) {
      chosen.read = *std::move(read);
    } else {
      on_unreadable_(read.status());
    }
  }
  return chosen.read == nullptr ? BlockFilters() : chosen.read->by_block[index];
}

}  // namespace skald::chunkstore
