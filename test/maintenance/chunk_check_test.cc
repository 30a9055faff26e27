#include "maintenance/chunk_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chunkstore/format/chunk_writer.h"
#include "chunkstore/format/line_filter.h"
#include "chunkstore/sealed_filters.h"
#include "chunkstore/stored_pack.h"
#include "chunkstore/test_entries.h"
#include "common/hash.h"

namespace skald::maintenance {
namespace {

using testing::HasSubstr;

// Empties filters but for their limits, with crcs that fit.
void EmptyFilters(chunkstore::SealedBlock& block) {
  constexpr uint32_t kNoLimit = chunkstore::LineFilter::kNoLimit;
  const std::string limits = chunkstore::EncodeLineFilter({}, kNoLimit, kNoLimit);
  block.filters.assign(block.filters.size(), '\0');
  for (chunkstore::FilterEntry& filter : block.header.filters) {
    if (filter.kind != chunkstore::FilterKind::kMetadataValues) {
      block.filters.replace(filter.offset, limits.size(), limits);
    }
    filter.crc32c = Crc32c(std::string_view(block.filters).substr(filter.offset, filter.bytes));
  }
}

TEST(ChunkCheckTest, FindsFiltersThatDenyWhatTheBlockHas) {
  struct Row {
    size_t entries;
    size_t filters;  // Of metadata one; of lines one, or its parts.
  };
  for (const Row& row : {Row{200, 2}, Row{1500, 5}}) {
    test::EntryGenerator generator(1);
    chunkstore::BlockSealer sealer({});
    std::vector<chunkstore::SealedBlock> blocks;
    sealer.Seal(test::MakeBlock(generator.Entries(row.entries)), blocks);
    ASSERT_EQ(blocks.size(), 1u);
    ASSERT_EQ(blocks[0].header.filters.size(), row.filters);
    EmptyFilters(blocks[0]);
    chunkstore::ChunkWriter writer({});
    writer.Append(std::make_shared<const chunkstore::SealedBlock>(std::move(blocks[0])));
    const chunkstore::FinishedChunk chunk = writer.Finish();

    std::vector<std::string> faults;
    const chunkstore::PackEntry entry{.labels = std::make_shared<const model::Labels>(),
                                      .summary = chunk.summary};
    ChunkCheck({}).Check(chunk.Bytes(), entry, nullptr,
                         [&](std::string what) { faults.push_back(std::move(what)); });
    ASSERT_EQ(faults.size(), 2u);
    EXPECT_THAT(faults[0], HasSubstr("block 0: the filter denies"));
    EXPECT_THAT(faults[1], HasSubstr("block 0: the filter of metadata denies trace_id="));
  }
}

TEST(ChunkCheckTest, FindsAPackFilterThatDeniesANameOfMetadata) {
  test::EntryGenerator generator(1);
  const model::EntryBlock block = test::MakeBlock(generator.Entries(200));
  chunkstore::ChunkWriter writer({});
  writer.Append(
      std::make_shared<const chunkstore::SealedBlock>(test::SealOne(block, Codec::kZstd)));
  const chunkstore::FinishedChunk chunk = writer.Finish();
  chunkstore::SealedBlock unnamed = test::SealOne(block, Codec::kZstd);
  std::erase_if(unnamed.header.columns,
                [](const auto& column) { return column.name == "trace_id"; });
  chunkstore::PackFilterBuilder builder;
  builder.Add(unnamed, chunkstore::StreamGroupOf({}));
  const chunkstore::PackFilterBuilder::Encoded encoded = builder.Finish(1 << 20);
  chunkstore::WholePackFilter filter{.filter = *chunkstore::PackFilter::Decode(encoded.head),
                                     .head = {},
                                     .regions = encoded.regions};

  std::vector<std::string> faults;
  const chunkstore::PackEntry entry{.labels = std::make_shared<const model::Labels>(),
                                    .summary = chunk.summary};
  ChunkCheck({}).Check(chunk.Bytes(), entry, &filter,
                       [&](std::string what) { faults.push_back(std::move(what)); });
  EXPECT_THAT(faults, testing::ElementsAre("block 0: the pack's filter denies metadata trace_id"));
}

}  // namespace
}  // namespace skald::maintenance
