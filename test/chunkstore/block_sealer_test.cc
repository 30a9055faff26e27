#include "chunkstore/format/block_sealer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "chunkstore/format/chunk_reader.h"
#include "chunkstore/test_entries.h"
#include "support/matchers.h"

namespace skald::chunkstore {
namespace {

using test::kSecond;
using test::kStartNs;
using test::TestEntry;

std::vector<SealedBlock> Seal(const std::vector<TestEntry>& entries,
                              const BlockSealer::Options& options) {
  std::vector<SealedBlock> blocks;
  BlockSealer(options).Seal(test::MakeBlock(entries), blocks);
  return blocks;
}

std::vector<uint64_t> Counts(const std::vector<SealedBlock>& blocks) {
  std::vector<uint64_t> counts;
  for (const SealedBlock& block : blocks) counts.push_back(block.header.entries);
  return counts;
}

// `count` lines of 10 bytes, `gap_ns` apart.
std::vector<TestEntry> NumberedLines(size_t count, int64_t gap_ns, int64_t start = kStartNs) {
  std::vector<TestEntry> entries;
  for (size_t i = 0; i < count; ++i) {
    entries.push_back({.time = start + static_cast<int64_t>(i) * gap_ns,
                       .seq = i + 1,
                       .line = std::to_string(1'000'000'000 + i),
                       .metadata = {}});
  }
  return entries;
}

TEST(BlockSealerTest, CutsWhereABlockIsLargeEnough) {
  EXPECT_EQ(Counts(Seal(NumberedLines(25, 1), {.block_bytes = 110})),
            (std::vector<uint64_t>{10, 10, 5}));
  EXPECT_EQ(Counts(Seal(NumberedLines(25, 1), {.block_entries = 20})),
            (std::vector<uint64_t>{20, 5}));
}

TEST(BlockSealerTest, KeepsEntriesOfOneTimeTogether) {
  std::vector<TestEntry> entries = NumberedLines(12, 1);
  for (size_t i = 8; i < 12; ++i) entries[i].time = entries[8].time;
  EXPECT_EQ(Counts(Seal(entries, {.block_entries = 10})), (std::vector<uint64_t>{12}));
}

TEST(BlockSealerTest, CutsALongBurstWithinItsTime) {
  EXPECT_EQ(Counts(Seal(NumberedLines(100, 0), {.block_entries = 10})),
            (std::vector<uint64_t>{40, 40, 20}));
}

TEST(BlockSealerTest, CountsTheValuesOfMetadataOnce) {
  std::vector<TestEntry> entries = NumberedLines(30, 1);
  for (TestEntry& entry : entries) entry.metadata = {{"pod", std::string(1000, 'p')}};
  EXPECT_EQ(Counts(Seal(entries, {.block_bytes = 2000})), (std::vector<uint64_t>{30}));
  for (size_t i = 0; i < entries.size(); ++i) {
    entries[i].metadata = {{"body", std::string(1000, 'b') + std::to_string(100 + i)}};
  }
  EXPECT_EQ(Counts(Seal(entries, {.block_bytes = 10'000})), (std::vector<uint64_t>{10, 10, 10}));
}

TEST(BlockSealerTest, CutsAtMidnight) {
  const int64_t midnight = (DayOf(kStartNs) + 1) * kDayNs;
  EXPECT_EQ(Counts(Seal(NumberedLines(10, kSecond, midnight - 4 * kSecond), {})),
            (std::vector<uint64_t>{4, 6}));
}

TEST(BlockSealerTest, FiltersTakeATenthAtMost) {
  const std::vector<TestEntry> entries = test::EntryGenerator(1).Entries(20000);
  for (const Codec codec : {Codec::kLz4, Codec::kZstd}) {
    for (const SealedBlock& block : Seal(entries, {.codec = codec})) {
      EXPECT_LE(block.filters.size() * 10, block.data.size()) << CodecName(codec);
      EXPECT_GT(block.filters.size() * 25, block.data.size()) << CodecName(codec);
    }
  }
}

TEST(BlockSealerTest, SmallBlocksAndThoseOfAThriftySealerHaveNoFilter) {
  EXPECT_TRUE(Seal(NumberedLines(10, 1), {}).at(0).header.filters.empty());
  EXPECT_TRUE(Seal(NumberedLines(5000, 1), {.filter_percent = 0}).at(0).header.filters.empty());
}

TEST(BlockSealerTest, WhatTheCodecDoesNotShrinkIsStoredPlain) {
  const SealedBlock block = Seal({{.seq = 1, .line = "q"}}, {.codec = Codec::kZstd}).at(0);
  EXPECT_EQ(block.header.FindColumn(ColumnKind::kLines)->codec, Codec::kNone);
}

TEST(BlockSealerTest, LeavesOutMetadataThatNoEntryOfTheBlockHas) {
  std::vector<TestEntry> entries = NumberedLines(4, 1);
  entries[3].metadata = {{"late", "x"}};
  const std::vector<SealedBlock> blocks = Seal(entries, {.block_entries = 2});
  ASSERT_EQ(blocks.size(), 2u);
  EXPECT_EQ(blocks[0].header.FindColumn(ColumnKind::kMetadata, "late"), nullptr);
  EXPECT_NE(blocks[1].header.FindColumn(ColumnKind::kMetadata, "late"), nullptr);
}

TEST(BlockSealerTest, ABlockCanBeReadBeforeItIsInAChunk) {
  const std::vector<TestEntry> entries = test::EntryGenerator(2).Entries(100);
  const auto block = DecodeBlock(Seal(entries, {}).at(0), {});
  ASSERT_THAT(block, test::IsOk());
  EXPECT_EQ(test::EntriesOf(*block), entries);
}

}  // namespace
}  // namespace skald::chunkstore
