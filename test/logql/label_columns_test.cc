#include "logql/stages/label_columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "logql/rows.h"
#include "logql/stages/label_set.h"

namespace skald::logql {
namespace {

using model::Labels;
using test::AllRows;
using test::BlockOf;
using test::TestRow;

class LabelColumnsTest : public testing::Test {
 protected:
  // Begins a slice of rows with this metadata.
  void Begin(const Labels& stream, const std::vector<Labels>& metadata) {
    stream_ = stream;
    std::vector<TestRow> rows;
    for (const Labels& pairs : metadata) rows.push_back({.line = "x", .metadata = pairs});
    block_ = BlockOf(rows);
    rows_ = AllRows(*block_);
    columns_.Begin(stream_, *block_, rows_);
  }
  std::string Row(size_t i) const { return LabelSet(columns_, i).ToString(); }

  LabelColumns columns_;
  Labels stream_;
  std::shared_ptr<const model::EntryBlock> block_;
  std::vector<uint32_t> rows_;
};

TEST_F(LabelColumnsTest, ShowsStreamAndMetadata) {
  Begin({{"app", "a"}}, {{{"trace", "t"}}, {}, {{"app", "meta"}, {"user", ""}}});
  EXPECT_EQ(Row(0), R"({app="a", trace="t"})");
  EXPECT_EQ(Row(1), R"({app="a"})");
  EXPECT_EQ(Row(2), R"({app="a", app_extracted="meta", user=""})");
  EXPECT_EQ(LabelSet(columns_, 2, LabelCategory::kStream).ToString(), R"({app="a"})");
  EXPECT_EQ(LabelSet(columns_, 0, LabelCategory::kMetadata).ToString(), R"({trace="t"})");
}

TEST_F(LabelColumnsTest, AParserKeepsOffTakenNamesAndItsOwn) {
  const Slot app = columns_.Intern("app");
  const Slot trace = columns_.Intern("trace");
  const Slot level = columns_.Intern("level");
  Begin({{"app", "a"}}, {{{"trace", "t"}}, {}});
  EXPECT_EQ(columns_.AddParsed(level, 0, "first"), level);
  EXPECT_EQ(columns_.AddParsed(level, 0, "second"), kNoSlot);
  EXPECT_NE(columns_.AddParsed(app, 0, "p"), app);
  EXPECT_NE(columns_.AddParsed(trace, 0, "p"), trace);
  EXPECT_EQ(columns_.AddParsed(trace, 1, "p"), trace);
  EXPECT_EQ(Row(0),
            R"({app="a", app_extracted="p", level="first", trace="t", trace_extracted="p"})");
  EXPECT_EQ(Row(1), R"({app="a", trace="p"})");
  EXPECT_EQ(LabelSet(columns_, 1, LabelCategory::kParsed).ToString(), R"({trace="p"})");
}

TEST_F(LabelColumnsTest, WhatWasExtractedStaysSoWhenItIsDeletedOrSet) {
  const Slot level = columns_.Intern("level");
  Begin({}, {{}, {}});
  columns_.AddParsed(level, 0, "info");
  columns_.Delete(level, 0);
  EXPECT_EQ(Row(0), "{}");
  EXPECT_TRUE(columns_.WasExtracted(level, 0));
  EXPECT_EQ(columns_.AddParsed(level, 0, "again"), kNoSlot);
  columns_.Set(level, 0, "set", LabelCategory::kParsed);
  EXPECT_TRUE(columns_.WasExtracted(level, 0));
  EXPECT_EQ(Row(0), R"({level="set"})");
  // A label that was only set was not extracted.
  columns_.Set(level, 1, "set", LabelCategory::kParsed);
  EXPECT_FALSE(columns_.WasExtracted(level, 1));
}

TEST_F(LabelColumnsTest, UndoShowsWhatWasBelow) {
  const Slot level = columns_.Intern("level");
  Begin({}, {{}});
  columns_.UndoParsed(columns_.AddParsed(level, 0, "info"), 0);
  EXPECT_EQ(Row(0), "{}");
  EXPECT_EQ(columns_.AddParsed(level, 0, "warn"), level);
  EXPECT_EQ(Row(0), R"({level="warn"})");
}

TEST_F(LabelColumnsTest, SetAndDeleteHideStreamAndMetadata) {
  const Slot app = columns_.Intern("app");
  const Slot trace = columns_.Intern("trace");
  Begin({{"app", "a"}}, {{{"trace", "t"}}, {{"trace", "t"}}});
  columns_.Set(app, 0, "new", LabelCategory::kStream);
  columns_.Delete(trace, 0);
  columns_.Delete(app, 1);
  EXPECT_EQ(Row(0), R"({app="new"})");
  EXPECT_EQ(Row(1), R"({trace="t"})");
  // A deleted metadata name is free for parsers; a stream's name never is.
  EXPECT_FALSE(columns_.IsTaken(trace, 0));
  EXPECT_TRUE(columns_.IsTaken(trace, 1));
  EXPECT_TRUE(columns_.IsTaken(app, 1));
}

TEST_F(LabelColumnsTest, KnowsWhatIsTheSameInAllRows) {
  const Slot app = columns_.Intern("app");
  const Slot trace = columns_.Intern("trace");
  const Slot nowhere = columns_.Intern("nowhere");
  Begin({{"app", "a"}}, {{{"trace", "t"}}, {}});
  EXPECT_TRUE(columns_.IsConstant(app));
  EXPECT_TRUE(columns_.IsConstant(nowhere));
  EXPECT_FALSE(columns_.IsConstant(trace));
  EXPECT_EQ(columns_.PureMetadata(trace), &block_->metadata[0]);
  columns_.Set(app, 0, "x", LabelCategory::kParsed);
  columns_.Set(trace, 0, "x", LabelCategory::kParsed);
  EXPECT_FALSE(columns_.IsConstant(app));
  EXPECT_EQ(columns_.PureMetadata(trace), nullptr);
}

TEST_F(LabelColumnsTest, NothingIsLeftOfTheSliceBefore) {
  const Slot level = columns_.Intern("level");
  Begin({{"app", "a"}}, std::vector<Labels>(kSliceRows, Labels{{"trace", "t"}}));
  for (size_t i = 0; i < kSliceRows; ++i) {
    columns_.AddParsed(level, i, "info");
    columns_.SetError(i, "Err", "why");
  }
  EXPECT_EQ(Row(kSliceRows - 1),
            R"({__error__="Err", __error_details__="why", app="a", level="info", trace="t"})");
  Begin({{"job", "j"}}, {{}, {}});
  EXPECT_EQ(Row(0), R"({job="j"})");
  EXPECT_FALSE(columns_.any_error());
  EXPECT_FALSE(columns_.WasExtracted(level, 0));
  EXPECT_TRUE(columns_.IsConstant(level));
}

TEST_F(LabelColumnsTest, RowsFarApartShareNothing) {
  const Slot level = columns_.Intern("level");
  Begin({}, std::vector<Labels>(200));
  columns_.AddParsed(level, 0, "first");
  columns_.AddParsed(level, 199, "last");
  EXPECT_EQ(Row(0), R"({level="first"})");
  EXPECT_EQ(Row(63), "{}");
  EXPECT_EQ(Row(64), "{}");
  EXPECT_EQ(Row(199), R"({level="last"})");
}

TEST_F(LabelColumnsTest, ListsEachActiveSlotOnce) {
  const Slot app = columns_.Intern("app");
  const Slot level = columns_.Intern("level");
  Begin({{"app", "a"}}, {{{"trace", "t"}}, {}});
  columns_.AddParsed(level, 0, "x");
  columns_.AddParsed(level, 1, "x");
  columns_.Set(app, 0, "x", LabelCategory::kParsed);
  EXPECT_THAT(columns_.active(),
              testing::UnorderedElementsAre(app, level, columns_.Intern("trace")));
}

TEST_F(LabelColumnsTest, ErrorsAreLabelsOfTheirOwn) {
  Begin({}, {{}, {}});
  columns_.SetError(0, "JSONParserErr", "");
  EXPECT_TRUE(columns_.any_error());
  EXPECT_TRUE(columns_.HasError(0));
  EXPECT_FALSE(columns_.HasError(1));
  EXPECT_FALSE(columns_.PreservesError(0));
  EXPECT_EQ(Row(0), R"({__error__="JSONParserErr"})");
  EXPECT_TRUE(columns_.IsErrorLabel(columns_.Intern("__error_details__")));
  EXPECT_FALSE(columns_.IsErrorLabel(columns_.Intern("level")));
  columns_.Delete(columns_.Intern("__error__"), 0);
  EXPECT_FALSE(columns_.HasError(0));
}

TEST_F(LabelColumnsTest, ForgetsNamesOfLinesWhenThereAreTooMany) {
  const Slot kept = columns_.Intern("kept");
  const uint32_t epoch = columns_.epoch();
  Begin({{"app", "a"}}, {{}});
  for (int i = 0; i < 5000; ++i) {
    columns_.AddParsed(columns_.InternParsed("name" + std::to_string(i)), 0, "v");
  }
  columns_.AddParsed(kept, 0, "v");
  EXPECT_EQ(columns_.epoch(), epoch);  // Only Begin forgets.
  Begin({{"app", "b"}}, {{{"trace", "t"}}});
  EXPECT_NE(columns_.epoch(), epoch);
  EXPECT_EQ(Row(0), R"({app="b", trace="t"})");
  EXPECT_EQ(columns_.Intern("kept"), kept);
  EXPECT_EQ(columns_.name(kept), "kept");
  columns_.AddParsed(kept, 0, "w");
  columns_.AddParsed(columns_.InternParsed("name17"), 0, "x");
  EXPECT_EQ(Row(0), R"({app="b", kept="w", name17="x", trace="t"})");
}

}  // namespace
}  // namespace skald::logql
