#include "model/row_gather.h"

#include <gtest/gtest.h>

namespace skald::model {
namespace {

EntryBlock OneRow(int64_t time, std::string_view line, std::vector<MetadataPair> metadata) {
  EntryBlockBuilder builder;
  builder.Append(time, 1, line, metadata);
  return builder.Finish();
}

TEST(RowGatherTest, JoinsColumnsOfDifferentBlocks) {
  const EntryBlock a = OneRow(1, "one", {{"k", "x"}, {"only_a", "1"}});
  const EntryBlock b = OneRow(2, "two", {{"k", "y"}});
  const EntryBlock out = GatherRows(std::vector<RowRef>{{&b, 0}, {&a, 0}, {&b, 0}});
  EXPECT_EQ(out.times, (std::vector<int64_t>{2, 1, 2}));
  EXPECT_EQ(out.lines.text, "two\none\ntwo\n");
  ASSERT_EQ(out.metadata.size(), 2u);
  EXPECT_EQ(out.metadata[0].codes, (std::vector<uint32_t>{1, 2, 1}));
  EXPECT_EQ(out.metadata[0][1], "x");
  EXPECT_EQ(out.metadata[1].codes, (std::vector<uint32_t>{0, 1, 0}));
}

TEST(RowGatherTest, LeavesOutColumnsThatNoRowHas) {
  EntryBlockBuilder builder;
  const std::vector<MetadataPair> pairs = {{"k", "x"}};
  builder.Append(1, 1, "a", pairs);
  builder.Append(2, 2, "b", {});
  const EntryBlock block = builder.Finish();
  EXPECT_TRUE(GatherRows(std::vector<RowRef>{{&block, 1}}).metadata.empty());
}

TEST(RowGatherTest, KeepsLengthsWhereTextIsMissing) {
  EntryBlock block = OneRow(1, "12345", {});
  block.has_lines = false;
  block.lines.text.clear();
  const EntryBlock out = GatherRows(std::vector<RowRef>{{&block, 0}, {&block, 0}});
  EXPECT_FALSE(out.has_lines);
  EXPECT_EQ(out.lines.text, "");
  EXPECT_EQ(out.lines.Length(1), 5u);
}

TEST(RowGatherTest, ExcerptsStandBesideLinesThatAreWhole) {
  EntryBlock cut = OneRow(1, "12345", {});
  cut.has_lines = false;
  cut.lines.text.clear();
  cut.has_excerpts = true;
  cut.excerpts.Append("24");
  const EntryBlock whole = OneRow(2, "678", {});
  const EntryBlock out = GatherRows(std::vector<RowRef>{{&cut, 0}, {&whole, 0}});
  EXPECT_FALSE(out.has_lines);
  EXPECT_EQ(out.lines.text, "");
  EXPECT_EQ(out.lines.Length(0), 5u);
  EXPECT_EQ(out.lines.Length(1), 3u);
  ASSERT_TRUE(out.has_excerpts);
  EXPECT_EQ(out.texts()[0], "24");
  EXPECT_EQ(out.texts()[1], "678");

  EntryBlock counted = OneRow(3, "9", {});
  counted.has_lines = false;
  counted.lines.text.clear();
  EXPECT_FALSE(GatherRows(std::vector<RowRef>{{&cut, 0}, {&counted, 0}}).has_excerpts);
}

TEST(RowGatherTest, DoesWithoutLengths) {
  EntryBlock block = OneRow(1, "12345", {});
  block.has_lines = false;
  block.has_all_metadata = false;
  block.lines = {};
  const EntryBlock out = GatherRows(std::vector<RowRef>{{&block, 0}});
  EXPECT_EQ(out.size(), 1u);
  EXPECT_EQ(out.lines.size(), 0u);
  EXPECT_FALSE(out.has_all_metadata);
}

}  // namespace
}  // namespace skald::model
