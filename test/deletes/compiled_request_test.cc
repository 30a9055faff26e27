#include "deletes/compiled_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/matchers.h"

namespace skald::deletes {
namespace {

using test::HasCode;
using test::IsOk;
using testing::ElementsAre;
using testing::IsEmpty;

const model::Labels kStream{{"app", "a"}};

// Ten entries at 0 to 9, "line 0" to "line 9".
model::LogBatch TenEntries() {
  model::EntryBlockBuilder builder;
  for (int64_t time = 0; time < 10; ++time) {
    builder.Append(time, static_cast<uint64_t>(time), "line " + std::to_string(time), {});
  }
  return {.stream = std::make_shared<const model::Labels>(kStream),
          .block = std::make_shared<const model::EntryBlock>(builder.Finish()),
          .selection = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}};
}

std::shared_ptr<const model::EntryBlock> WithoutLines(model::EntryBlock block) {
  block.has_lines = false;
  block.lines.text.clear();
  return std::make_shared<const model::EntryBlock>(std::move(block));
}

std::shared_ptr<const model::EntryFilters> Filters(const std::string& query,
                                                   model::TimeRange range) {
  return MakeFilters({{.request = *CompiledRequest::Make(query), .range = range}});
}

std::vector<uint32_t> LeftBy(const std::string& query, model::TimeRange range) {
  model::LogBatch batch = TenEntries();
  const auto filter = Filters(query, range)->For(kStream, 0, 9);
  if (filter != nullptr) {
    EXPECT_TRUE(filter->Apply(batch).ok());
  }
  return batch.selection;
}

TEST(CompiledRequestTest, TakesOutTheWholeTimeWithoutStages) {
  EXPECT_THAT(LeftBy("{app=\"a\"}", {2, 9}), ElementsAre(0, 1, 9));
  EXPECT_THAT(LeftBy("{}", model::TimeRange::All()), IsEmpty());
}

TEST(CompiledRequestTest, TakesOutOnlyWhatSurvivesTheStages) {
  EXPECT_THAT(LeftBy("{app=\"a\"} |~ \"[3-5]\"", {0, 5}), ElementsAre(0, 1, 2, 5, 6, 7, 8, 9));
  EXPECT_THAT(LeftBy("{app=\"a\"} | pattern \"line <n>\" | n > 6", {0, 10}),
              ElementsAre(0, 1, 2, 3, 4, 5, 6));
}

TEST(CompiledRequestTest, ReadsTheColumnsThatABatchCameWithout) {
  model::LogBatch batch = TenEntries();
  const auto whole = batch.block;
  batch.block = WithoutLines(*whole);
  batch.read_whole = [&] { return Result<std::shared_ptr<const model::EntryBlock>>(whole); };
  const auto filter = Filters("{app=\"a\"} |= \"4\"", {0, 10})->For(kStream, 0, 9);
  ASSERT_NE(filter, nullptr);
  ASSERT_TRUE(filter->Apply(batch).ok());
  EXPECT_THAT(batch.selection, ElementsAre(0, 1, 2, 3, 5, 6, 7, 8, 9));
}

TEST(CompiledRequestTest, FailsRatherThanShowEntriesOfWhichItCannotTell) {
  model::LogBatch batch = TenEntries();
  batch.block = WithoutLines(*batch.block);
  const auto by_line = Filters("{app=\"a\"} |= \"4\"", {0, 10})->For(kStream, 0, 9);
  EXPECT_THAT(by_line->Apply(batch), HasCode(StatusCode::kInternal));
  // One that only asks for the time can tell.
  const auto by_time = Filters("{app=\"a\"}", {0, 10})->For(kStream, 0, 9);
  ASSERT_THAT(by_time->Apply(batch), IsOk());
  EXPECT_THAT(batch.selection, IsEmpty());
}

TEST(CompiledRequestTest, HasNothingToDoWithOtherStreamsAndTimes) {
  const auto filters = Filters("{app=\"a\"}", {2, 4});
  EXPECT_EQ(filters->For({{"app", "b"}}, 0, 9), nullptr);
  EXPECT_EQ(filters->For(kStream, 4, 9), nullptr);
  EXPECT_NE(filters->For(kStream, 3, 9), nullptr);
}

TEST(CompiledRequestTest, RefusesWhatIsNoLogQueryOfSingleEntries) {
  for (const char* query : {"rate({app=\"a\"}[5m])", "vector(5)", "5 + rate({app=\"a\"}[5m])",
                            "\"5\"", "{app=a}", "{app=\"a\"} | limit 3"}) {
    EXPECT_THAT(CompiledRequest::Make(query), HasCode(StatusCode::kInvalidArgument)) << query;
  }
}

TEST(CompiledRequestTest, TakesANumberForWhatNoStreamHas) {
  for (const char* query : {"5", "-0.5", "1 + 1"}) {
    ASSERT_THAT(CompiledRequest::Make(query), IsOk()) << query;
    EXPECT_FALSE((*CompiledRequest::Make(query))->has_filters()) << query;
    EXPECT_EQ(Filters(query, {0, 10})->For(kStream, 0, 9), nullptr) << query;
    EXPECT_EQ(Filters(query, {0, 10})->For({{"none", "x"}}, 0, 9), nullptr) << query;
    EXPECT_EQ(Filters(query, {0, 10})->For({}, 0, 9), nullptr) << query;
  }
}

TEST(CompiledRequestTest, KnowsWhatCountsAsAFilter) {
  for (const char* query : {"{a=\"b\"} |= \"x\"", "{a=\"b\"} | json | n=1"}) {
    EXPECT_TRUE((*CompiledRequest::Make(query))->has_filters()) << query;
  }
  for (const char* query : {"{a=\"b\"}", "{a=\"b\"} |= \"\"", "{a=\"b\"} | json"}) {
    EXPECT_FALSE((*CompiledRequest::Make(query))->has_filters()) << query;
  }
}

}  // namespace
}  // namespace skald::deletes
