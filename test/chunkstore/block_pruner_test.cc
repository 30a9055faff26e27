#include "chunkstore/format/block_pruner.h"

#include <gtest/gtest.h>

#include <bit>
#include <string>
#include <utility>
#include <vector>

#include "chunkstore/format/line_filter_index.h"

namespace skald::chunkstore {
namespace {

using testing::Test;

model::Labels LabelsOf(std::vector<std::pair<std::string, std::string>> pairs) {
  model::LabelsBuilder builder;
  for (const auto& [name, value] : pairs) builder.Set(name, value);
  return builder.Build();
}

BlockHeader BlockWith(std::vector<std::string> metadata) {
  BlockHeader block;
  for (std::string& name : metadata) {
    block.columns.push_back({.kind = ColumnKind::kMetadata, .name = std::move(name)});
  }
  block.filters.push_back({.kind = FilterKind::kLineGrams});
  return block;
}

std::string FilterOfText(const std::string& lines) {
  LineFilterBuilder builder;
  builder.Add(lines);
  return builder.Finish(4096);
}

BlockFilters Filters(const std::string& lines) {
  return {.lines = LineFilter::Decode(FilterKind::kLineGrams, lines), .metadata_values = {}};
}

// All that can rule out blocks of lines alone.
constexpr FilterChoice kLines{.metadata_values = false};

class BlockPrunerTest : public Test {
 protected:
  const model::Labels stream_ = LabelsOf({{"app", "a"}});
  const BlockHeader plain_ = BlockWith({});
  const BlockHeader traced_ = BlockWith({"trace"});
  const std::string grams_ = FilterOfText("something else altogether\nand another line of it\n");
  const BlockFilters filter_ = Filters(grams_);
};

TEST_F(BlockPrunerTest, LetsEverythingPassThatNothingIsSaidOf) {
  const BlockPruner pruner({});
  EXPECT_TRUE(pruner.MayMatch(stream_));
  EXPECT_TRUE(pruner.MayMatch(stream_, plain_));
  EXPECT_EQ(pruner.AsksFilters(stream_, plain_), kNoFilters);
  EXPECT_TRUE(pruner.DecidingMetadata(stream_).empty());
}

TEST_F(BlockPrunerTest, RulesOutStreamsByTheirOwnLabel) {
  for (const bool parsed : {false, true}) {
    const BlockPruner pruner(
        {.labels = {{.name = "level", .any_of = {"error", "warn"}, .may_be_parsed = parsed}}});
    EXPECT_FALSE(pruner.MayMatch(LabelsOf({{"level", "info"}})));
    EXPECT_TRUE(pruner.MayMatch(LabelsOf({{"level", "warn"}})));
    EXPECT_TRUE(pruner.MayMatch(stream_));
  }
}

TEST_F(BlockPrunerTest, RulesOutBlocksWithoutTheColumn) {
  const BlockPruner pruner({.labels = {{.name = "trace", .any_of = {"7"}}}});
  EXPECT_FALSE(pruner.MayMatch(stream_, plain_));
  EXPECT_TRUE(pruner.MayMatch(stream_, traced_));
  EXPECT_TRUE(pruner.MayMatch(LabelsOf({{"trace", "7"}}), plain_));
  const BlockPruner parsed({.labels = {{.name = "trace", .any_of = {"7"}, .may_be_parsed = true}}});
  EXPECT_TRUE(parsed.MayMatch(stream_, plain_));
  EXPECT_TRUE(parsed.DecidingMetadata(stream_).empty());
}

TEST_F(BlockPrunerTest, NarrowsRowsByTheValuesOfAColumn) {
  model::EntryBlockBuilder builder;
  for (const auto& [time, value] : {std::pair{1, "6"}, {2, "7"}, {3, ""}, {4, "7"}}) {
    std::vector<model::MetadataPair> metadata;
    if (*value != 0) metadata.push_back({"trace", value});
    builder.Append(time, 0, "line", metadata);
  }
  const model::EntryBlock block = builder.Finish();
  const BlockPruner pruner({.labels = {{.name = "trace", .any_of = {"7", "8"}}}});
  EXPECT_EQ(pruner.DecidingMetadata(stream_), std::vector<std::string>{"trace"});
  std::vector<uint32_t> rows = {0, 1, 2, 3};
  pruner.Narrow(stream_, block, rows);
  EXPECT_EQ(rows, (std::vector<uint32_t>{1, 3}));
  pruner.Narrow(LabelsOf({{"trace", "7"}}), block, rows = {0, 1});
  EXPECT_EQ(rows, (std::vector<uint32_t>{0, 1}));
}

TEST_F(BlockPrunerTest, AsksForALabelsTextOnlyWhereAParserMustHaveSetIt) {
  const BlockPruner pruner(
      {.label_literals = {{.literal = {.any_of = {"needle"}}, .unless_labels = {"trace"}}}});
  EXPECT_EQ(pruner.AsksFilters(stream_, plain_), kLines);
  EXPECT_FALSE(pruner.MayMatch(stream_, plain_, filter_));
  const std::string with_needle = FilterOfText("the needle is in here\n");
  EXPECT_TRUE(pruner.MayMatch(stream_, plain_, Filters(with_needle)));
  EXPECT_EQ(pruner.AsksFilters(stream_, traced_), kNoFilters);
  EXPECT_TRUE(pruner.MayMatch(stream_, traced_, filter_));
  EXPECT_TRUE(pruner.MayMatch(LabelsOf({{"trace", "7"}}), plain_, filter_));
}

TEST_F(BlockPrunerTest, AsksForTextsOfLineFiltersEverywhere) {
  const BlockPruner pruner({.literals = {{.any_of = {"needle"}}}});
  EXPECT_EQ(pruner.AsksFilters(stream_, traced_), kLines);
  EXPECT_FALSE(pruner.MayMatch(stream_, traced_, filter_));
  EXPECT_EQ(pruner.AsksFilters(stream_, BlockHeader()), kNoFilters);
}

TEST_F(BlockPrunerTest, OfManyGramsAsksThePartFirstThatTellsOfMost) {
  const std::string id = "4bf92f3577b34da6a3ce929d0e0e4736";
  const BlockPruner of_id({.literals = {{.any_of = {"needle"}}, {.any_of = {id}}}});
  const FilterChoice first = of_id.AsksFirst(stream_, plain_);
  EXPECT_TRUE(std::has_single_bit(first.lines));
  EXPECT_FALSE(first.metadata_values);
  EXPECT_EQ(of_id.AsksFilters(stream_, plain_), kLines);
  // One of the alternatives has too few, so that blocks with a part of it are many.
  const BlockPruner of_either({.literals = {{.any_of = {"needle", id}}}});
  EXPECT_EQ(of_either.AsksFirst(stream_, plain_), kLines);
  const BlockPruner of_label(
      {.label_literals = {{.literal = {.any_of = {id}}, .unless_labels = {"trace"}}}});
  EXPECT_EQ(of_label.AsksFirst(stream_, plain_), first);
  EXPECT_EQ(of_label.AsksFirst(stream_, traced_), kNoFilters);
}

}  // namespace
}  // namespace skald::chunkstore
