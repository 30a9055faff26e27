#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chunkstore/format/block_pruner.h"
#include "chunkstore/format/block_sealer.h"
#include "chunkstore/format/pack_filter.h"
#include "support/matchers.h"

namespace skald::test {

// A block as it is stored: within the budget that stored filters have.
inline chunkstore::SealedBlock SealOne(const model::EntryBlock& entries, Codec codec) {
  chunkstore::BlockSealer sealer({.codec = codec});
  std::vector<chunkstore::SealedBlock> blocks;
  sealer.Seal(entries, blocks);
  EXPECT_EQ(blocks.size(), 1u);
  return std::move(blocks.at(0));
}

// The filter that a pack of some blocks gets, each of another group of streams, read back.
class FilterOfPack {
 public:
  FilterOfPack(const std::vector<model::EntryBlock>& blocks, uint64_t chunk_bytes) {
    chunkstore::PackFilterBuilder builder;
    uint32_t group = 0;
    for (const model::EntryBlock& block : blocks) {
      builder.Add(SealOne(block, Codec::kZstd), group++);
    }
    Read(builder.Finish(chunk_bytes));
  }
  explicit FilterOfPack(chunkstore::PackFilterBuilder::Encoded encoded) {
    Read(std::move(encoded));
  }

  const chunkstore::PackFilter& filter() const { return filter_; }

  chunkstore::StreamGroups MayMatch(const chunkstore::PackProbe& probe) const {
    return probe.MayMatch(filter_, [&](uint32_t key) { return GroupsWith(key); });
  }
  chunkstore::PackVerdict Judge(const chunkstore::BlockPruner& pruner) const {
    return pruner.Judge(filter_, [&](uint32_t key) { return GroupsWith(key); });
  }

 private:
  chunkstore::StreamGroups GroupsWith(uint32_t key) const {
    const auto region = filter_.id_regions()->RegionOf(key);
    const auto groups =
        filter_.GroupsWithId(key, std::string_view(regions_).substr(region.offset, region.bytes));
    EXPECT_THAT(groups, IsOk());
    return groups.ok() ? *groups : 0;
  }

  void Read(chunkstore::PackFilterBuilder::Encoded encoded) {
    auto filter = chunkstore::PackFilter::Decode(encoded.head);
    EXPECT_THAT(filter, IsOk());
    if (filter.ok()) filter_ = *std::move(filter);
    regions_ = std::move(encoded.regions);
  }

  chunkstore::PackFilter filter_;
  std::string regions_;
};

}  // namespace skald::test
