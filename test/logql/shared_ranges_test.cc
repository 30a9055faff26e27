// Both sides of an operator, read together or each by itself: the values must be the same, and what
// both need must be read once.

#include "logql/metric/shared_ranges.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/executor.h"
#include "common/memory_budget.h"
#include "logql/engine.h"
#include "logql/metric/sample_extractor.h"
#include "logql/parser.h"
#include "logql/plan/shared_reads.h"
#include "logql/stages/field_excerpt.h"
#include "support/matchers.h"
#include "support/memory_source.h"
#include "support/time_units.h"

namespace skald::logql {
namespace {

using test::IsOk;
using test::kSecond;
using test::MemorySource;

// Counts the batches that are read, by whether they have lines.
class CountingSource final : public LogSource {
 public:
  explicit CountingSource(LogSource& base) : base_(base) {}

  Result<model::StreamScans> Select(const model::ScanRequest& request,
                                    model::ScanContext& context) override {
    ++selects;
    SKALD_ASSIGN_OR_RETURN(model::StreamScans scans, base_.Select(request, context));
    for (auto& scan : scans) scan = std::make_unique<Scan>(*this, std::move(scan));
    return scans;
  }

  std::atomic<int> selects = 0;
  std::atomic<int> with_lines = 0;
  std::atomic<int> without_lines = 0;

 private:
  class Scan final : public model::StreamScan {
   public:
    Scan(CountingSource& owner, std::unique_ptr<model::StreamScan> base)
        : owner_(owner), base_(std::move(base)) {}

    const std::shared_ptr<const model::Labels>& labels() const override { return base_->labels(); }
    int64_t first_ns() const override { return base_->first_ns(); }
    int64_t last_ns() const override { return base_->last_ns(); }
    uint64_t estimated_bytes() const override { return base_->estimated_bytes(); }
    std::unique_ptr<model::BatchSource> OpenPart(model::TimeRange part) override {
      return std::make_unique<Batches>(owner_, base_->OpenPart(part));
    }

   private:
    CountingSource& owner_;
    const std::unique_ptr<model::StreamScan> base_;
  };

  class Batches final : public model::BatchSource {
   public:
    Batches(CountingSource& owner, std::unique_ptr<model::BatchSource> base)
        : owner_(owner), base_(std::move(base)) {}

    Result<std::unique_ptr<model::LogBatch>> Next() override {
      auto batch = base_->Next();
      if (batch.ok() && *batch != nullptr) {
        ++((*batch)->block->has_lines ? owner_.with_lines : owner_.without_lines);
      }
      return batch;
    }

   private:
    CountingSource& owner_;
    const std::unique_ptr<model::BatchSource> base_;
  };

  LogSource& base_;
};

class SharedRangesTest : public testing::Test {
 protected:
  SharedRangesTest() {
    constexpr std::array kLevels = {"info", "error", "warn", "x"};
    for (int i = 0; i < 2000; ++i) {
      const std::string level = kLevels[i / 35 % kLevels.size()];
      const std::string text = i % 3 == 0 ? "level=" + level : "LEVEL of " + level;
      const model::Labels metadata = i / 50 % 3 == 0
                                         ? model::Labels()
                                         : model::Labels({{"trace", std::to_string(i / 20 % 9)}});
      source_.Add({{"app", i % 2 == 0 ? "a" : "b"}}, i * kSecond,
                  text + " took=" + std::to_string(i % 17), metadata);
    }
  }

  // The value at each step of a query whose answer is one series; nothing where it has none.
  std::vector<std::optional<double>> Values(LogSource& source, const std::string& text) {
    Query query;
    query.expr = *Parse(text);
    query.start_ns = 300 * kSecond;
    query.end_ns = 1900 * kSecond;
    query.step_ns = 100 * kSecond;
    model::ScanContext context;
    const auto result = Engine(source, executor_).Run(query, context);
    EXPECT_THAT(result, IsOk()) << text;
    std::vector<std::optional<double>> values(17);
    if (!result.ok()) return values;
    const auto& series = std::get<model::Matrix>(result->data).series;
    EXPECT_LE(series.size(), 1u) << text;
    for (const auto& one : series) {
      for (const model::Point& point : one.points) {
        values[static_cast<size_t>((point.time_ms * 1'000'000 - query.start_ns) / query.step_ns)] =
            point.value;
      }
    }
    return values;
  }

  // Whether it is answered within so much memory.
  bool Fits(LogSource& source, const std::string& text, uint64_t bytes) {
    MemoryBudget memory(bytes, ResourceExhausted("too much"));
    Query query;
    query.expr = *Parse(text);
    query.start_ns = 300 * kSecond;
    query.end_ns = 1900 * kSecond;
    query.step_ns = 100 * kSecond;
    query.memory = &memory;
    model::ScanContext context;
    return Engine(source, executor_).Run(query, context).ok();
  }

  Executor executor_{"test", 2};
  MemorySource source_{{.block_rows = {5, 9}, .skips_by_literals = true}};
};

TEST_F(SharedRangesTest, ValuesAreThoseOfEachSideByItself) {
  const std::vector<std::string> sides = {
      R"(sum(count_over_time({app="a"} |= "error" [2m])))",
      R"(sum(count_over_time({app="a"} |= "info" |= "level" [1m])))",
      R"(sum(count_over_time({app="a"} |~ "(?i)level of WARN" [5m] offset 1m)))",
      R"(sum(bytes_over_time({app="a"} |~ "error|info" != "level" [90s])))",
      R"(sum(sum_over_time({app="a"} | logfmt | level="error" | unwrap took [2m])))",
      R"(sum(max_over_time({app="a"} | logfmt | level="warn" | unwrap took [2m]) by (level)))",
      R"(sum(count_over_time({app="a"} | trace="3" |= "level" [2m])))",
      R"(sum(count_over_time({app="a"} | trace=~"4|5" |= "e" [200s])))",
      R"(sum(count_over_time({app="a"} [2m])))",
      R"(sum(count_over_time({app="a"} | trace="3" [2m])))",
      R"(sum(bytes_over_time({app="a"} [2m] offset 3m)))",
      R"(absent_over_time({app="a"} |= "error" [20s]))",
      R"(sum(count_over_time({app="b"} |= "error" [2m])))",
      R"(sum(count_over_time({app="a"} != "error" [5m])))",
      R"(sum(bytes_over_time({app=~"a|b"} != "error" [5m])))",
      R"(sum(count_over_time({app=~"a|b", app="a"} |= "error" [1m])))",
      R"(sum(count_over_time({app=~"a|b", app!="a"} [1m])))",
  };
  for (const std::string& left : sides) {
    for (const std::string& right : sides) {
      const auto expected_left = Values(source_, left);
      const auto expected_right = Values(source_, right);
      // Both are seen where there is one alone: as "left" with 1000 times its value.
      const auto actual = Values(source_, "sum(label_replace(1000 * " + left +
                                              R"(, "side", "l", "", "") or )" + right + ")");
      for (size_t k = 0; k < actual.size(); ++k) {
        std::optional<double> expected;
        if (expected_left[k]) expected = 1000 * *expected_left[k];
        if (expected_right[k]) expected = expected.value_or(0) + *expected_right[k];
        EXPECT_EQ(actual[k], expected) << left << " and " << right << " at step " << k;
      }
    }
  }
}

TEST_F(SharedRangesTest, SidesThatReadTheSameLinesReadThemOnce) {
  const std::string left = R"(sum(rate({app="a"} |~ "level=.*7" [2m])))";
  const std::string right = R"(sum(rate({app="a"} |~ "level=.*6" [2m])))";
  CountingSource alone(source_);
  Values(alone, left);
  ASSERT_GT(alone.with_lines, 0);
  CountingSource both(source_);
  Values(both, left + " / " + right + " * " + left);
  EXPECT_EQ(both.selects, 1);
  EXPECT_EQ(both.with_lines, alone.with_lines);
}

TEST_F(SharedRangesTest, LinesAreNotReadForASideThatNeedsNone) {
  const std::string left = R"(sum(rate({app="a"} |= "error" [2m])))";
  CountingSource alone(source_);
  Values(alone, left);
  CountingSource both(source_);
  Values(both, left + R"( / sum(rate({app="a"} [2m])))");
  EXPECT_EQ(both.selects, 2);
  EXPECT_EQ(both.with_lines, alone.with_lines);
  EXPECT_GT(both.without_lines, 0);
}

TEST_F(SharedRangesTest, LinesThatAreReadAnywayServeASideThatNeedsNone) {
  const std::string left = R"(sum(rate({app="a"} != "error" [2m])))";
  for (const char* right : {R"( / sum(rate({app="a"} [2m])))", R"( / sum(rate({app="a"} [1m])))",
                            R"( / sum(bytes_over_time({app="a", app!=""} [2m])))"}) {
    CountingSource alone(source_);
    Values(alone, left);
    CountingSource both(source_);
    Values(both, left + right);
    EXPECT_EQ(both.selects, 1) << right;
    EXPECT_EQ(both.with_lines, alone.with_lines) << right;
    EXPECT_EQ(both.without_lines, 0) << right;
  }
}

TEST_F(SharedRangesTest, LinesAreNotReadAtTimesOfASideThatNeedsNone) {
  CountingSource both(source_);
  Values(both, R"(sum(rate({app="a"} != "error" [1m])) / sum(rate({app="a"} [2m])))");
  EXPECT_EQ(both.selects, 2);
}

TEST_F(SharedRangesTest, ASideOfFewerStreamsIsReadWithTheOthers) {
  CountingSource source(source_);
  Values(source, R"(sum(rate({app=~"a|b", app="a"} |= "error" [2m])) /
                    sum(rate({app=~"a|b"} |= "error" [2m])))");
  EXPECT_EQ(source.selects, 1);
}

TEST_F(SharedRangesTest, WhatRulesOutBlocksForASideIsNotLost) {
  for (const char* other : {
           // Streams of the first would be searched for the other's text as well.
           R"(sum(rate({app=~"a|b", app="a"} |= "info" [2m])))",
           // Nothing follows for entries of both.
           R"(sum(rate({app=~"a|b"} |~ "(?i)info" [2m])))",
           // Sources decide what such a name means.
           R"(sum(rate({app=~"a|b", __x__=""} |= "error" [2m])))",
       }) {
    CountingSource source(source_);
    Values(source, std::string(R"(sum(rate({app=~"a|b"} |= "error" [2m])) / )") + other);
    EXPECT_EQ(source.selects, 2) << other;
  }
}

TEST(SharedReadsTest, AllStreamsAreNotThoseOfASelector) {
  model::ScanRequest all;
  all.range = {0, 100};
  model::ScanRequest app = all;
  app.matchers = {*model::Matcher::Make(model::MatchOp::kEqual, "app", "a")};
  model::ScanRequest pod = app;
  pod.matchers.push_back(*model::Matcher::Make(model::MatchOp::kEqual, "pod", "1"));
  EXPECT_EQ(JoinReads({app, pod}).size(), 1u);
  // Sources leave the system's own streams out of these.
  EXPECT_EQ(JoinReads({all, app}).size(), 2u);
}

// What is read for both queries' ranges, if that is one read.
std::optional<model::ScanRequest> ReadForBoth(const std::string& one, const std::string& other) {
  std::vector<model::ScanRequest> requests;
  for (const std::string& query : {one, other}) {
    const auto expr = *Parse("sum by (x) (" + query + ")");
    const auto& outer = std::get<VectorAggregation>(expr->node);
    const auto& range = std::get<RangeAggregation>(outer.operand->node);
    const SamplePlan plan = PlanSamples(range, &*outer.grouping);
    requests.push_back(plan.scan.Request(range.range.log.matchers));
    requests.back().range = {0, 100};
  }
  const auto reads = JoinReads(requests);
  if (reads.size() != 1) return std::nullopt;
  return reads[0].request;
}

TEST(SharedReadsTest, FieldsOfLinesAreThoseOfAllSides) {
  const std::string json = R"(count_over_time({app="a"} | json [1m]))";
  const auto fields = [&](const std::string& other) -> std::vector<std::string> {
    const auto request = ReadForBoth(json, other);
    if (!request) return {"apart"};
    const auto* excerpt = dynamic_cast<const FieldExcerpt*>(request->excerpt.get());
    if (excerpt == nullptr) return {"lines"};
    return excerpt->keys().labels.names;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(fields(json), Names{"x"});
  EXPECT_EQ(fields(R"(sum_over_time({app="a"} | json | unwrap y [1m]))"), (Names{"x", "y"}));
  EXPECT_EQ(fields(R"(count_over_time({app="a"} | logfmt [1m]))"), Names{"lines"});
  EXPECT_EQ(fields(R"(count_over_time({app="a"} != "z" | json [1m]))"), Names{"lines"});
  EXPECT_EQ(fields(R"(count_over_time({app="a"} [1m]))"), Names{"x"});
}

TEST_F(SharedRangesTest, AllMetadataIsNotReadOfBlocksThatASideRulesOut) {
  CountingSource source(source_);
  Values(source,
         R"(sum(rate({app="a"} != "x" [2m])) + on () sum(count(rate({app="a"} |= "error" [2m]))))");
  EXPECT_EQ(source.selects, 2);
}

TEST_F(SharedRangesTest, MetadataIsNotReadForASideThatNeedsNone) {
  CountingSource source(source_);
  Values(source, R"(sum(rate({app="a"} | trace="3" [2m])) / sum(rate({app="a"} [2m])))");
  EXPECT_EQ(source.selects, 2);
  CountingSource free(source_);
  Values(free, R"(sum(rate({app="a"} | trace="3" [2m])) / sum(rate({app="a"} | trace="4" [1m])))");
  EXPECT_EQ(free.selects, 1);
}

TEST_F(SharedRangesTest, TimesFarApartAndOtherStreamsAreReadByThemselves) {
  for (const char* other : {R"(sum(rate({app="a"} |= "info" [2m] offset 1d)))",
                            R"(sum(rate({app="b"} |= "info" [2m])))"}) {
    CountingSource source(source_);
    Values(source, std::string(R"(sum(rate({app="a"} |= "error" [2m])) + )") + other);
    EXPECT_EQ(source.selects, 2) << other;
  }
}

TEST_F(SharedRangesTest, RangesThatMeetOverOthersAreReadTogether) {
  CountingSource source(source_);
  Values(source, R"(sum(rate({app="a"} != "x" [1m])) + sum(rate({app="a"} != "x" [1m] offset 40m))
                    + sum(rate({app="a"} != "x" [1m] offset 20m)))");
  EXPECT_EQ(source.selects, 1);
}

TEST_F(SharedRangesTest, WhatIsSearchedForIsNotSearchedForAtOtherTimes) {
  const std::string left = R"(sum(rate({app="a"} |= "error" [1m])))";
  const std::vector<std::pair<const char*, int>> others = {
      {R"(|= "info" [1m] offset 20m)", 2},
      {R"(|= "info" [2h])", 2},
      {R"(!= "x" [1m] offset 20m)", 2},
      {R"(!= "x" [2h])", 1},  // All of that is read anyway.
  };
  for (const auto& [other, selects] : others) {
    CountingSource source(source_);
    Values(source, left + R"( + sum(rate({app="a"} )" + other + "))");
    EXPECT_EQ(source.selects, selects) << other;
  }
}

TEST_F(SharedRangesTest, SidesThatDoNotFitTogetherAreReadOneAfterTheOther) {
  const std::string side = R"(sum(quantile_over_time(0.5, {app="a"} | logfmt | unwrap took [5m])))";
  uint64_t fits = 1024;
  while (!Fits(source_, side, fits)) fits += fits / 8;
  CountingSource source(source_);
  EXPECT_TRUE(Fits(source, side + " + " + side, fits + fits / 2));
  EXPECT_EQ(source.selects, 3);  // The first was for both.
  EXPECT_FALSE(Fits(source_, side + " + " + side, fits / 2));
}

}  // namespace
}  // namespace skald::logql
