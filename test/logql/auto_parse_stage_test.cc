#include "logql/stages/auto_parse_stage.h"

#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <vector>

#include "logql/stages/label_set.h"

namespace skald::logql {
namespace {

class AutoParseStageTest : public ::testing::Test {
 protected:
  // Runs the stage on lines of the stream {app="shop"} and returns the labels of each.
  std::vector<std::string> Parse(const std::vector<std::string>& lines, const LabelNeeds& needs) {
    block_ = model::EntryBlock();
    for (const std::string& line : lines) {
      block_.times.push_back(0);
      block_.seqs.push_back(block_.seqs.size());
      block_.lines.Append(line);
    }
    rows_.resize(lines.size());
    std::iota(rows_.begin(), rows_.end(), uint32_t{0});
    stage_ = std::make_unique<AutoParseStage>(needs, slice_.labels());
    slice_.BeginBatch(stream_, block_);
    slice_.BeginSlice(rows_);
    stage_->Run(slice_);
    std::vector<std::string> labels;
    for (size_t i = 0; i < lines.size(); ++i) {
      labels.push_back(LabelSet(slice_.labels(), i).ToString());
    }
    return labels;
  }

  const model::Labels stream_{{"app", "shop"}};
  model::EntryBlock block_;
  std::vector<uint32_t> rows_;
  RowSlice slice_;
  std::unique_ptr<AutoParseStage> stage_;
};

TEST_F(AutoParseStageTest, EachLineForWhatItIs) {
  const auto labels = Parse({R"({"a":1})", "a=2 b=3", R"(  {"b":{"c":"x"}})", "free text"}, {});
  EXPECT_EQ(labels[0], R"({a="1", app="shop"})");
  EXPECT_EQ(labels[1], R"({a="2", app="shop", b="3"})");
  EXPECT_EQ(labels[2], R"({app="shop", b_c="x"})");
  EXPECT_EQ(labels[3], R"({app="shop"})");
  EXPECT_TRUE(stage_->IsJson(0));
  EXPECT_FALSE(stage_->IsJson(1));
  EXPECT_TRUE(stage_->IsJson(2));
  EXPECT_FALSE(stage_->IsJson(3));
}

TEST_F(AutoParseStageTest, BrokenJsonLeavesNothingBehind) {
  const auto labels = Parse({R"({"a":1, "app":"x", level=warn)", R"({"a":2})"}, {});
  EXPECT_EQ(labels[0], R"({app="shop", level="warn"})");
  EXPECT_FALSE(stage_->IsJson(0));
  EXPECT_EQ(labels[1], R"({a="2", app="shop"})");
}

TEST_F(AutoParseStageTest, OnlyWhatIsNeeded) {
  const auto labels = Parse({R"({"a":1,"b":2})", "a=3 b=4"}, {.all = false, .names = {"b"}});
  EXPECT_EQ(labels[0], R"({app="shop", b="2"})");
  EXPECT_EQ(labels[1], R"({app="shop", b="4"})");
}

}  // namespace
}  // namespace skald::logql
