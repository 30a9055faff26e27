#include "model/entry_block.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <tuple>

namespace skald::model {
namespace {

// What a row holds, as values that compare.
using Row = std::tuple<int64_t, uint64_t, std::string, std::map<std::string, std::string>>;

std::vector<Row> Rows(const EntryBlock& block) {
  std::vector<Row> rows;
  for (size_t i = 0; i < block.size(); ++i) {
    std::map<std::string, std::string> metadata;
    for (const MetadataColumn& column : block.metadata) {
      if (column.Has(i)) metadata[column.name] = column[i];
    }
    rows.emplace_back(block.times[i], block.seqs[i], block.lines[i], metadata);
  }
  return rows;
}

void Append(EntryBlockBuilder& builder, const Row& row) {
  const auto& [time, seq, line, metadata] = row;
  std::vector<MetadataPair> pairs;
  for (const auto& [name, value] : metadata) pairs.push_back({name, value});
  builder.Append(time, seq, line, pairs);
}

EntryBlock Built(const std::vector<Row>& rows) {
  EntryBlockBuilder builder;
  for (const Row& row : rows) Append(builder, row);
  return builder.Finish();
}

TEST(EntryBlockTest, HoldsWhatWasAppended) {
  const std::vector<Row> rows = {
      {1, 1, "first", {{"trace", "a"}}},
      {1, 2, "same time", {}},
      {2, 3, "", {{"level", "info"}, {"trace", "a"}}},
      {3, 4, "two\nlines", {{"level", "warn"}, {"trace", ""}}},
  };
  const EntryBlock block = Built(rows);
  EXPECT_EQ(Rows(block), rows);
  EXPECT_EQ(block.lines.text, "first\nsame time\n\ntwo\nlines\n");
  EXPECT_EQ(block.lines.Length(3), 9u);
  EXPECT_TRUE(block.has_lines);
  ASSERT_NE(block.FindMetadata("level"), nullptr);
  EXPECT_EQ(block.FindMetadata("nope"), nullptr);
}

TEST(EntryBlockTest, SortsByTimeThenSequence) {
  const EntryBlock block =
      Built({{2, 1, "c", {{"k", "c"}}}, {1, 3, "b", {{"k", "b"}}}, {1, 2, "a", {{"k", "a"}}}});
  EXPECT_EQ(Rows(block),
            (std::vector<Row>{
                {1, 2, "a", {{"k", "a"}}}, {1, 3, "b", {{"k", "b"}}}, {2, 1, "c", {{"k", "c"}}}}));
}

TEST(EntryBlockTest, CodesCountInOrderOfFirstAppearance) {
  const EntryBlock sorted =
      Built({{1, 1, "", {{"k", "x"}}}, {2, 2, "", {}}, {3, 3, "", {{"k", "y"}}}});
  EXPECT_EQ(sorted.metadata[0].codes, (std::vector<uint32_t>{1, 0, 2}));
  const EntryBlock shuffled =
      Built({{3, 3, "", {{"k", "y"}}}, {1, 1, "", {{"k", "x"}}}, {2, 2, "", {}}});
  EXPECT_EQ(shuffled.metadata[0].codes, (std::vector<uint32_t>{1, 0, 2}));
  EXPECT_EQ(shuffled.metadata[0].values[0], "x");
}

TEST(EntryBlockTest, DropsEntriesEqualInTimeLineAndMetadata) {
  EntryBlockBuilder builder;
  Append(builder, {5, 1, "a", {{"k", "1"}}});
  Append(builder, {5, 2, "a", {{"k", "1"}}});
  Append(builder, {5, 3, "a", {{"k", "2"}}});
  Append(builder, {5, 4, "a", {}});
  Append(builder, {5, 5, "b", {{"k", "1"}}});
  Append(builder, {6, 6, "a", {{"k", "1"}}});
  size_t duplicates = 0;
  const EntryBlock block = builder.Finish(&duplicates);
  EXPECT_EQ(duplicates, 1u);
  EXPECT_EQ(block.seqs, (std::vector<uint64_t>{1, 3, 4, 5, 6}));
}

TEST(EntryBlockTest, RepeatedNamesKeepTheLastValue) {
  EntryBlockBuilder builder;
  const std::vector<MetadataPair> pairs = {{"k", "1"}, {"k", "2"}};
  builder.Append(1, 1, "", pairs);
  EXPECT_EQ(Rows(builder.Finish()), (std::vector<Row>{{1, 1, "", {{"k", "2"}}}}));
}

TEST(EntryBlockTest, CountsBytes) {
  EntryBlockBuilder builder;
  Append(builder, {1, 1, "12345", {{"detected_level", "info"}, {"id", "abc"}}});
  EXPECT_EQ(builder.size(), 1u);
  EXPECT_EQ(builder.line_bytes(), 5u);
  const EntryBlock block = builder.Finish();
  EXPECT_EQ(block.RowMetadataBytes(0), 5u);
  EXPECT_GE(block.MemoryBytes(), sizeof(EntryBlock) + 5 + 3 + 4);
  EXPECT_EQ(builder.size(), 0u);
}

TEST(EntryBlockTest, TakesRowsOfOtherBlocks) {
  const std::vector<Row> rows = {{1, 1, "x", {{"a", "1"}}}, {2, 2, "y", {{"b", "2"}}}};
  const EntryBlock block = Built(rows);
  EntryBlockBuilder builder;
  builder.Append(block, 1);
  builder.Append(block, 0);
  EXPECT_EQ(Rows(builder.Finish()), rows);
}

TEST(EntryBlockTest, WantsTheColumnsAskedFor) {
  EXPECT_TRUE(ColumnSet().WantsMetadata("any"));
  const ColumnSet some{.all_metadata = false, .metadata = {"a", "b"}};
  EXPECT_TRUE(some.WantsMetadata("b"));
  EXPECT_FALSE(some.WantsMetadata("c"));
}

TEST(EntryBlockTest, AgreesWithASetOnRandomEntries) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 300; ++round) {
    EntryBlockBuilder builder;
    std::map<std::tuple<int64_t, std::string, std::map<std::string, std::string>>, uint64_t> first;
    const size_t count = random() % 200;
    for (uint64_t seq = 0; seq < count; ++seq) {
      std::map<std::string, std::string> metadata;
      for (size_t left = random() % 3; left > 0; --left) {
        metadata["k" + std::to_string(random() % 4)] = std::to_string(random() % 50);
      }
      const Row row{random() % 20, seq, std::to_string(random() % 5), metadata};
      Append(builder, row);
      first.try_emplace({std::get<0>(row), std::get<2>(row), metadata}, seq);
    }
    std::vector<Row> expected;
    for (const auto& [key, seq] : first) {
      expected.emplace_back(std::get<0>(key), seq, std::get<1>(key), std::get<2>(key));
    }
    std::sort(expected.begin(), expected.end());
    size_t duplicates = 0;
    const std::vector<Row> rows = Rows(builder.Finish(&duplicates));
    ASSERT_EQ(rows, expected);
    ASSERT_EQ(duplicates, count - expected.size());
  }
}

}  // namespace
}  // namespace skald::model
