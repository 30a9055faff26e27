#include "ingester/head_block.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "model/metadata_volume.h"

namespace skald::ingester {
namespace {

using model::EntryBlock;
using model::MetadataPair;

std::vector<std::string> LinesOf(const EntryBlock& block) {
  std::vector<std::string> out;
  for (size_t row = 0; row < block.size(); ++row) out.emplace_back(block.lines[row]);
  return out;
}

TEST(HeadBlockTest, ShowsEntriesInOrderOfArrival) {
  HeadBlock head;
  const std::vector<MetadataPair> first = {{"level", "info"}};
  const std::vector<MetadataPair> second = {{"trace", "x"}, {"level", "warn"}};
  head.Append(20, 1, "later", first);
  head.Append(10, 2, "earlier", second);
  const auto block = head.Snapshot();
  EXPECT_EQ(block->times, (std::vector<int64_t>{20, 10}));
  EXPECT_EQ(LinesOf(*block), (std::vector<std::string>{"later", "earlier"}));
  ASSERT_EQ(block->metadata.size(), 2u);
  EXPECT_EQ(block->metadata[0].name, "level");
  EXPECT_EQ(block->metadata[0][1], "warn");
  EXPECT_EQ(block->metadata[1].name, "trace");
  EXPECT_FALSE(block->metadata[1].Has(0));
  EXPECT_EQ(block->metadata[1][1], "x");
  EXPECT_EQ(head.first_ns(), 10);
  EXPECT_EQ(head.last_ns(), 20);
}

TEST(HeadBlockTest, GivesColumnsCodesForRowsWithoutThem) {
  HeadBlock head;
  head.Append(1, 1, "a", std::vector<MetadataPair>{{"id", "1"}});
  head.Append(2, 2, "b", {});
  EXPECT_EQ(head.Snapshot()->metadata[0].codes, (std::vector<uint32_t>{1, 0}));
  head.Append(3, 3, "c", std::vector<MetadataPair>{{"id", "1"}});
  EXPECT_EQ(head.Snapshot()->metadata[0].codes, (std::vector<uint32_t>{1, 0, 1}));
}

TEST(HeadBlockTest, PairsAreToldApartWhereverTheyStand) {
  const std::string bytes = "levelinfo";
  const std::string_view level = std::string_view(bytes).substr(0, 5);
  const std::string_view info = std::string_view(bytes).substr(5);
  const std::string equal(level);
  const std::vector<std::vector<MetadataPair>> entries = {{{level, info}},
                                                          {{level, info}},
                                                          {{equal, info}},
                                                          {{level, info.substr(0, 2)}},
                                                          {{level, {}}},
                                                          {{level, {}}},
                                                          {{level.substr(1), info}},
                                                          {{"a", "b"}, {level, info}},
                                                          {},
                                                          {{level, info}},
                                                          {{level, info}, {level, "warn"}}};
  HeadBlock with_places;
  HeadBlock other;
  HeadBlock without;
  PairPlaces places;
  for (size_t i = 0; i < entries.size(); ++i) {
    const auto time = static_cast<int64_t>(i);
    with_places.Append(time, i, "x", entries[i], places);
    if (i % 3 == 0) other.Append(time, i, "x", entries[i], places);
    without.Append(time, i, "x", entries[i]);
  }
  const auto block = with_places.Snapshot();
  const auto expected = without.Snapshot();
  EXPECT_EQ(with_places.memory_bytes(), without.memory_bytes());
  ASSERT_EQ(block->metadata.size(), expected->metadata.size());
  for (size_t i = 0; i < block->metadata.size(); ++i) {
    EXPECT_EQ(block->metadata[i].name, expected->metadata[i].name);
    EXPECT_EQ(block->metadata[i].codes, expected->metadata[i].codes);
    EXPECT_EQ(block->metadata[i].values.text, expected->metadata[i].values.text);
  }
  // Of entries 0, 3, 6 and 9.
  ASSERT_EQ(other.Snapshot()->metadata.size(), 2u);
  EXPECT_EQ(other.Snapshot()->metadata[1].codes, (std::vector<uint32_t>{1, 2, 0, 1}));
}

TEST(HeadBlockTest, SharesASnapshotUntilTheNextAppend) {
  HeadBlock head;
  head.Append(1, 1, "a", {});
  const auto first = head.Snapshot();
  EXPECT_EQ(first, head.Snapshot());
  head.Append(2, 2, "b", {});
  const auto second = head.Snapshot();
  EXPECT_EQ(first->size(), 1u);
  EXPECT_EQ(second->size(), 2u);
}

TEST(HeadBlockTest, AnswersAfterItWasFrozen) {
  HeadBlock head;
  head.Append(1, 1, "a", std::vector<MetadataPair>{{"id", "1"}});
  head.Append(2, 2, "b", {});
  head.Freeze();
  EXPECT_EQ(LinesOf(*head.Snapshot()), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(head.Snapshot()->metadata[0].codes.size(), 2u);
  EXPECT_EQ(head.entries(), 2u);
}

TEST(HeadBlockTest, KnowsTheVolumeOfItsMetadata) {
  HeadBlock head;
  const std::vector<MetadataPair> metadata = {{"level", "info"}, {"trace", "x"}};
  head.Append(1, 1, "a", metadata);
  head.Append(2, 2, "b", {});
  head.Append(3, 3, "c", metadata);
  const auto block = head.Snapshot();
  const uint64_t volume = model::MetadataVolume(*block).Add(0, block->size());
  EXPECT_EQ(head.metadata_volume(), volume);
  head.Freeze();
  EXPECT_EQ(head.metadata_volume(), volume);
}

TEST(HeadBlockTest, KnowsItsLastEntryAgain) {
  const std::vector<MetadataPair> pairs = {{"a", "1"}, {"b", "2"}};
  HeadBlock head;
  EXPECT_FALSE(head.LastEquals(1, "x", pairs));
  head.Append(1, 1, "x", pairs);
  EXPECT_TRUE(head.LastEquals(1, "x", pairs));
  EXPECT_FALSE(head.LastEquals(2, "x", pairs));
  EXPECT_FALSE(head.LastEquals(1, "y", pairs));
  EXPECT_FALSE(head.LastEquals(1, "x", {}));
  EXPECT_FALSE(head.LastEquals(1, "x", std::span(pairs).subspan(1)));
  EXPECT_FALSE(head.LastEquals(1, "x", std::vector<MetadataPair>{{"a", "1"}, {"b", "3"}}));
}

TEST(NormalizeTest, ReturnsAnOrderedBlockItself) {
  HeadBlock head;
  head.Append(1, 1, "a", {});
  head.Append(1, 2, "b", {});
  head.Append(2, 3, "a", {});
  const auto block = head.Snapshot();
  EXPECT_EQ(Normalize(block), block);
}

TEST(NormalizeTest, SortsByTimeThenArrivalAndDropsRepetitions) {
  HeadBlock head;
  head.Append(2, 1, "c", {});
  head.Append(1, 2, "b", {});
  head.Append(1, 3, "a", {});
  head.Append(1, 4, "b", {});
  head.Append(1, 5, "b", std::vector<MetadataPair>{{"id", "1"}});
  const auto block = Normalize(head.Snapshot());
  EXPECT_EQ(LinesOf(*block), (std::vector<std::string>{"b", "a", "b", "c"}));
  EXPECT_EQ(block->seqs, (std::vector<uint64_t>{2, 3, 5, 1}));
}

TEST(NormalizeTest, FindsRepetitionsAmongManyEntriesOfOneTime) {
  HeadBlock head;
  for (uint64_t i = 0; i < 100; ++i) head.Append(1, i + 1, std::to_string(i % 60), {});
  EXPECT_EQ(Normalize(head.Snapshot())->size(), 60u);
}

}  // namespace
}  // namespace skald::ingester
