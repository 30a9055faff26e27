#include "logql/metric/series_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "logql/rows.h"

namespace skald::logql {
namespace {

using model::Labels;
using test::TestRow;

class SeriesIndexTest : public testing::Test {
 protected:
  // Begins a slice of all rows of a new batch.
  void Begin(const Labels& stream, const std::vector<TestRow>& rows) {
    stream_ = stream;
    block_ = test::BlockOf(rows);
    selection_ = test::AllRows(*block_);
    slice_.BeginBatch(stream_, *block_);
    slice_.BeginSlice(selection_);
  }
  // The active rows' label sets.
  std::vector<std::string> Assigned(SeriesIndex& index) {
    std::vector<uint32_t> numbers;
    constant_ = index.Assign(slice_, numbers);
    std::vector<std::string> sets;
    for (const uint32_t number : numbers) sets.push_back(index.series()[number].ToString());
    return sets;
  }

  RowSlice slice_;
  Labels stream_;
  std::shared_ptr<const model::EntryBlock> block_;
  std::vector<uint32_t> selection_;
  bool constant_ = false;
};

using testing::ElementsAre;

TEST_F(SeriesIndexTest, AllLabelsTellSeriesApart) {
  SeriesIndex index({.without = true, .names = {}}, slice_.labels());
  Begin({{"app", "a"}}, {{"", {{"m", "1"}}}, {"", {}}, {"", {{"m", "2"}}}, {"", {{"m", "1"}}}});
  EXPECT_THAT(Assigned(index), ElementsAre(R"({app="a", m="1"})", R"({app="a"})",
                                           R"({app="a", m="2"})", R"({app="a", m="1"})"));
  EXPECT_FALSE(constant_);
  EXPECT_EQ(index.series().size(), 3U);
}

TEST_F(SeriesIndexTest, OrAllButSome) {
  SeriesIndex index({.without = true, .names = {"app", "m"}}, slice_.labels());
  Begin({{"app", "a"}, {"env", "e"}}, {{"", {{"m", "1"}}}, {"", {{"n", "2"}}}});
  EXPECT_THAT(Assigned(index), ElementsAre(R"({env="e"})", R"({env="e", n="2"})"));
}

TEST_F(SeriesIndexTest, OrThoseNamed) {
  SeriesIndex index({.without = false, .names = {"m", "app", "m", "nowhere"}}, slice_.labels());
  Begin({{"app", "a"}, {"env", "e"}}, {{"", {{"m", "1"}}}, {"", {{"n", "2"}}}});
  EXPECT_THAT(Assigned(index), ElementsAre(R"({app="a", m="1"})", R"({app="a"})"));
}

TEST_F(SeriesIndexTest, EmptyValuesAreLeftOut) {
  SeriesIndex index({.without = true, .names = {}}, slice_.labels());
  Begin({{"app", ""}, {"env", "e"}}, {{"", {{"m", ""}}}, {"", {{"m", "1"}}}});
  EXPECT_THAT(Assigned(index), ElementsAre(R"({env="e"})", R"({env="e", m="1"})"));
}

TEST_F(SeriesIndexTest, SaysWhenAllRowsShareASet) {
  SeriesIndex all({.without = true, .names = {}}, slice_.labels());
  SeriesIndex none({.without = false, .names = {}}, slice_.labels());
  Begin({{"app", "a"}}, {{"", {}}, {"", {}}});
  EXPECT_THAT(Assigned(all), ElementsAre(R"({app="a"})", R"({app="a"})"));
  EXPECT_TRUE(constant_);
  Begin({{"app", "a"}}, {{"", {{"m", "1"}}}});
  EXPECT_THAT(Assigned(none), ElementsAre("{}"));
  EXPECT_TRUE(constant_);
}

TEST_F(SeriesIndexTest, NumbersHoldOverBatchesAndWaysToASet) {
  SeriesIndex index({.without = true, .names = {}}, slice_.labels());
  Begin({{"app", "a"}, {"m", "1"}}, {{"", {}}});
  std::vector<uint32_t> numbers;
  index.Assign(slice_, numbers);
  const uint32_t first = numbers[0];
  Begin({{"app", "b"}}, {{"", {}}});
  index.Assign(slice_, numbers);
  EXPECT_NE(numbers[0], first);
  Begin({{"app", "a"}}, {{"", {{"m", "2"}}}, {"", {{"m", "1"}}}});
  index.Assign(slice_, numbers);
  EXPECT_EQ(numbers[1], first);
  // Set by stages instead of the stream.
  const Slot m = slice_.labels().Intern("m");
  Begin({{"app", "a"}}, {{"", {}}, {"", {}}});
  slice_.labels().AddParsed(m, 1, "1");
  index.Assign(slice_, numbers);
  EXPECT_EQ(numbers[1], first);
  EXPECT_EQ(index.series().size(), 4U);
}

TEST_F(SeriesIndexTest, CountsActiveRowsOnly) {
  SeriesIndex index({.without = true, .names = {}}, slice_.labels());
  Begin({}, {{"", {{"m", "1"}}}, {"", {{"m", "2"}}}, {"", {{"m", "3"}}}});
  slice_.Retain([](size_t i) { return i != 1; });
  EXPECT_THAT(Assigned(index), ElementsAre(R"({m="1"})", R"({m="3"})"));
  EXPECT_EQ(index.series().size(), 2U);
}

TEST_F(SeriesIndexTest, HoldsManySets) {
  SeriesIndex index({.without = true, .names = {}}, slice_.labels());
  for (int round = 0; round < 2; ++round) {
    for (size_t batch = 0; batch < 10; ++batch) {
      std::vector<TestRow> rows;
      for (size_t i = 0; i < 500; ++i) {
        rows.push_back(
            {"", {{"id", std::to_string(batch * 500 + i)}, {"k", i % 2 == 0 ? "x" : "y"}}});
      }
      Begin({{"app", "a"}}, rows);
      const std::vector<std::string> sets = Assigned(index);
      EXPECT_EQ(sets[7], "{app=\"a\", id=\"" + std::to_string(batch * 500 + 7) + "\", k=\"y\"}");
    }
    EXPECT_EQ(index.series().size(), 5000U);
  }
}

TEST_F(SeriesIndexTest, CountsTheTextsThatItHolds) {
  SeriesIndex index({.without = true, .names = {}}, slice_.labels());
  const size_t empty = index.MemoryBytes();
  Begin({{"app", "a"}}, {{"", {{"m", std::string(100'000, 'x')}}}});
  Assigned(index);
  // In the tree, as a set and as the key that finds the set.
  EXPECT_GT(index.MemoryBytes(), empty + 3 * 100'000);
  EXPECT_LT(index.MemoryBytes(), empty + 3 * 100'000 + 1'000);
  const LabelNumbers taken = index.TakeSeries();
  EXPECT_EQ(taken.size(), 1U);
  EXPECT_LT(index.MemoryBytes(), empty + 100'000 + 1'000);
}

}  // namespace
}  // namespace skald::logql
