#include "deletes/request_filters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/entry_block.h"
#include "patterns/pattern_entry.h"
#include "support/matchers.h"
#include "support/time_units.h"

namespace skald::deletes {
namespace {

using test::HasCode;
using test::IsOk;
using test::kSecond;
using testing::ElementsAre;
using testing::IsEmpty;

const model::Labels kTenLines{{"app", "a"}};

// Ten entries at 0 to 9, "line 0" to "line 9".
model::LogBatch TenEntries() {
  model::EntryBlockBuilder builder;
  for (int64_t time = 0; time < 10; ++time) {
    builder.Append(time, static_cast<uint64_t>(time), "line " + std::to_string(time), {});
  }
  return {.stream = std::make_shared<const model::Labels>(kTenLines),
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
  const auto filter = Filters(query, range)->For(kTenLines, 0, 9);
  if (filter != nullptr) {
    EXPECT_TRUE(filter->Apply(batch).ok());
  }
  return batch.selection;
}

TEST(RequestFiltersTest, TakesOutTheWholeTimeWithoutStages) {
  EXPECT_THAT(LeftBy("{app=\"a\"}", {2, 9}), ElementsAre(0, 1, 9));
  EXPECT_THAT(LeftBy("{}", model::TimeRange::All()), IsEmpty());
}

TEST(RequestFiltersTest, TakesOutOnlyWhatSurvivesTheStages) {
  EXPECT_THAT(LeftBy("{app=\"a\"} |~ \"[3-5]\"", {0, 5}), ElementsAre(0, 1, 2, 5, 6, 7, 8, 9));
  EXPECT_THAT(LeftBy("{app=\"a\"} | pattern \"line <n>\" | n > 6", {0, 10}),
              ElementsAre(0, 1, 2, 3, 4, 5, 6));
}

TEST(RequestFiltersTest, ReadsTheColumnsThatABatchCameWithout) {
  model::LogBatch batch = TenEntries();
  const auto whole = batch.block;
  batch.block = WithoutLines(*whole);
  batch.read_whole = [&] { return Result<std::shared_ptr<const model::EntryBlock>>(whole); };
  const auto filter = Filters("{app=\"a\"} |= \"4\"", {0, 10})->For(kTenLines, 0, 9);
  ASSERT_NE(filter, nullptr);
  ASSERT_TRUE(filter->Apply(batch).ok());
  EXPECT_THAT(batch.selection, ElementsAre(0, 1, 2, 3, 5, 6, 7, 8, 9));
}

TEST(RequestFiltersTest, ShowsNoneOfWhatCannotBeRead) {
  model::LogBatch batch = TenEntries();
  batch.block = WithoutLines(*batch.block);
  batch.read_whole = [] { return Result<std::shared_ptr<const model::EntryBlock>>(nullptr); };
  ASSERT_THAT(Filters("{app=\"a\"} |= \"4\"", {2, 6})->For(kTenLines, 0, 9)->Apply(batch), IsOk());
  EXPECT_THAT(batch.selection, ElementsAre(0, 1, 6, 7, 8, 9));
}

TEST(RequestFiltersTest, FailsRatherThanShowEntriesOfWhichItCannotTell) {
  model::LogBatch batch = TenEntries();
  batch.block = WithoutLines(*batch.block);
  const auto by_line = Filters("{app=\"a\"} |= \"4\"", {0, 10})->For(kTenLines, 0, 9);
  EXPECT_THAT(by_line->Apply(batch), HasCode(StatusCode::kInternal));
  // One that only asks for the time can tell.
  const auto by_time = Filters("{app=\"a\"}", {0, 10})->For(kTenLines, 0, 9);
  ASSERT_THAT(by_time->Apply(batch), IsOk());
  EXPECT_THAT(batch.selection, IsEmpty());
}

TEST(RequestFiltersTest, HasNothingToDoWithOtherStreamsAndTimes) {
  const auto filters = Filters("{app=\"a\"}", {2, 4});
  EXPECT_EQ(filters->For({{"app", "b"}}, 0, 9), nullptr);
  EXPECT_EQ(filters->For(kTenLines, 4, 9), nullptr);
  EXPECT_NE(filters->For(kTenLines, 3, 9), nullptr);
}

const model::Labels kPatternStream{{"__pattern__", "svc"}};

std::string PatternLine(int64_t seconds, const std::string& pattern, const model::Labels& labels,
                        const std::string& level = "info") {
  return patterns::FormatPatternEntry({.seconds = seconds,
                                       .step_seconds = 10,
                                       .samples = {{seconds, 3}, {seconds + 50, 1}},
                                       .origin = {.run = 1, .id = 2, .batch = 3},
                                       .level = level,
                                       .pattern = pattern,
                                       .labels = patterns::FieldsOf(labels)});
}

// Which of the lines, each a minute after the one before, stay in a stream of written patterns.
std::vector<uint32_t> PatternsLeftBy(const std::string& query, model::TimeRange range,
                                     const std::vector<std::string>& lines,
                                     const model::Labels& stream = kPatternStream) {
  model::EntryBlockBuilder builder;
  std::vector<uint32_t> rows;
  for (size_t i = 0; i < lines.size(); ++i) {
    builder.Append(static_cast<int64_t>(i) * 60 * kSecond, i, lines[i], {});
    rows.push_back(static_cast<uint32_t>(i));
  }
  model::LogBatch batch{.stream = std::make_shared<const model::Labels>(stream),
                        .block = std::make_shared<const model::EntryBlock>(builder.Finish()),
                        .selection = rows};
  const auto filter = Filters(query, range)->For(stream, 0, batch.block->times.back());
  if (filter != nullptr) {
    EXPECT_TRUE(filter->Apply(batch).ok());
  }
  return batch.selection;
}

TEST(RequestFiltersTest, TakeOutPatternsOfTheTimeByTheirSamples) {
  std::vector<std::string> lines;
  for (int64_t i = 0; i < 5; ++i) lines.push_back(PatternLine(60 * i, "x <_>", kTenLines));
  EXPECT_THAT(PatternsLeftBy("{app=\"a\"}", {120 * kSecond, 180 * kSecond}, lines),
              ElementsAre(0, 1, 3, 4));
  // The last sample of the second minute is of [110, 120).
  EXPECT_THAT(PatternsLeftBy("{app=\"a\"}", {120 * kSecond - 1, 180 * kSecond + 1}, lines),
              ElementsAre(0, 4));
  EXPECT_THAT(PatternsLeftBy("{app=\"a\"}", {70 * kSecond, 110 * kSecond}, lines),
              ElementsAre(0, 1, 2, 3, 4))
      << "between two samples";
  EXPECT_THAT(PatternsLeftBy("{app=\"a\"}", model::TimeRange::All(), lines), IsEmpty());
}

TEST(RequestFiltersTest, TakeOutPatternsOfTheStreamsThatAreSelected) {
  const std::vector<std::string> lines = {
      PatternLine(0, "x", kTenLines), PatternLine(60, "x", {{"app", "b"}}), "no such entry",
      PatternLine(180, "secret <_>", kTenLines), PatternLine(240, "x", kTenLines, "debug")};
  const model::TimeRange all = model::TimeRange::All();
  EXPECT_THAT(PatternsLeftBy("{app=\"a\"}", all, lines), ElementsAre(1, 2));
  EXPECT_THAT(PatternsLeftBy("{app=\"a\"} |= \"secret\"", all, lines), ElementsAre(0, 1, 2, 4));
  EXPECT_THAT(PatternsLeftBy("{app=\"a\"} | detected_level=\"debug\"", all, lines),
              ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(PatternsLeftBy("{app=\"a\"} | json | n=1", all, lines), ElementsAre(1, 2));
  EXPECT_THAT(PatternsLeftBy("{app=\"a\"}", all, lines, kTenLines), IsEmpty());
}

TEST(RequestFiltersTest, ShowNoPatternsThatCannotBeRead) {
  model::LogBatch batch = TenEntries();
  batch.stream = std::make_shared<const model::Labels>(kPatternStream);
  batch.block = WithoutLines(*batch.block);
  batch.read_whole = [] { return Result<std::shared_ptr<const model::EntryBlock>>(nullptr); };
  const auto filter = Filters("{app=\"a\"}", model::TimeRange::All())->For(kPatternStream, 0, 9);
  ASSERT_THAT(filter->Apply(batch), IsOk());
  EXPECT_THAT(batch.selection, IsEmpty());
}

TEST(RequestFiltersTest, PassOverPatternsOfOtherServices) {
  const auto of = [](const std::string& query) {
    return Filters(query, {60 * kSecond, 90 * kSecond})->For(kPatternStream, 0, 0) != nullptr;
  };
  EXPECT_TRUE(of("{app=\"a\"}"));
  EXPECT_TRUE(of("{service_name=~\"s.*\"}"));
  EXPECT_TRUE(of("{service_name!=\"other\", app=\"a\"}"));
  EXPECT_FALSE(of("{service_name=\"other\"}"));
  const auto later = Filters("{}", {60 * kSecond, 90 * kSecond});
  EXPECT_EQ(later->For(kPatternStream, 90 * kSecond, 99 * kSecond), nullptr);
}

}  // namespace
}  // namespace skald::deletes
