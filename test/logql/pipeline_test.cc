#include "logql/stages/pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "logql/plan/scan_plan.h"
#include "logql/rows.h"
#include "logql/stages/label_set.h"
#include "support/matchers.h"

namespace skald::logql {
namespace {

using test::BatchOf;
using test::IsOk;
using test::ParsedLog;
using test::TestRow;
using testing::ElementsAre;
using testing::IsEmpty;

class PipelineTest : public testing::Test {
 protected:
  void Make(const std::string& stages) {
    log_ = std::make_unique<ParsedLog>("{a=\"b\"} " + stages);
    plan_ = PlanScan(**log_, {.lines = true, .line_lengths = true, .labels = {}});
    auto made = Pipeline::Make(plan_.stages, plan_.needs, plan_.line_literals);
    ASSERT_THAT(made, IsOk());
    pipeline_ = *std::move(made);
  }
  // Labels and line of each row that is left of `rows`.
  std::vector<std::string> Run(std::span<const uint32_t> rows) {
    const RowSlice& slice = pipeline_->RunSlice(rows);
    std::vector<std::string> left;
    for (const uint16_t i : slice.active()) {
      left.push_back(LabelSet(slice.labels(), i).ToString() + " " + std::string(slice.Line(i)));
    }
    return left;
  }

  std::unique_ptr<ParsedLog> log_;
  ScanPlan plan_;
  std::unique_ptr<Pipeline> pipeline_;
};

TEST_F(PipelineTest, FiltersBlocksFirstAndSlicesThen) {
  Make(R"(|= "x" | logfmt | n>1 | line_format "{{.n}}" != "4")");
  const model::LogBatch batch =
      BatchOf({{"a", "b"}}, {{"x n=1", {}}, {"n=2", {}}, {"x n=3", {}}, {"x n=4", {}}});
  EXPECT_FALSE(pipeline_->only_line_filters());
  EXPECT_THAT(pipeline_->Start(batch), ElementsAre(0, 2, 3));
  EXPECT_THAT(Run(pipeline_->Start(batch)), ElementsAre(R"({a="b", n="3"} 3)"));
}

TEST_F(PipelineTest, SearchesBlocksForWhatLabelFiltersWantWithoutLineFilters) {
  Make(R"(| logfmt | n="17")");
  const model::LogBatch batch = BatchOf({{"a", "b"}}, {{"n=16", {}}, {"n=17", {}}, {"m=17", {}}});
  EXPECT_THAT(pipeline_->Start(batch), ElementsAre(1, 2));
  EXPECT_THAT(Run(pipeline_->Start(batch)), ElementsAre(R"({a="b", n="17"} n=17)"));
}

TEST_F(PipelineTest, StagesDoNotSeeAHiddenLabelThatEntriesHaveAgainBehindThem) {
  const model::LogBatch batch = BatchOf({{"a", "b"}, {"tenant", "t"}}, {{"x", {}}});
  const struct {
    const char* stages;
    std::vector<std::string> left;
  } rows[] = {
      {R"(| tenant="t")", {}},
      {R"(| tenant="")", {R"({a="b", tenant="t"} x)"}},
      {R"(| label_format c=tenant)", {R"({a="b", tenant="t"} x)"}},
      {R"(| line_format "<{{.tenant}}>")", {R"({a="b", tenant="t"} <>)"}},
      {R"(| keep m)", {R"({tenant="t"} x)"}},
      {R"(|= "x")", {R"({a="b", tenant="t"} x)"}},
  };
  for (const auto& row : rows) {
    Make(row.stages);
    pipeline_->HideFromStages("tenant");
    EXPECT_EQ(Run(pipeline_->Start(batch)), row.left) << row.stages;
  }
}

TEST_F(PipelineTest, LeavesOutRowsThatAreNotSelected) {
  Make(R"(|= "x")");
  EXPECT_TRUE(pipeline_->only_line_filters());
  std::vector<TestRow> rows(300, {.line = "x", .metadata = {}});
  model::LogBatch batch = BatchOf({{"a", "b"}}, rows);
  batch.selection = {3, 100, 299};
  EXPECT_THAT(pipeline_->Start(batch), ElementsAre(3, 100, 299));
  batch.selection.clear();
  EXPECT_THAT(pipeline_->Start(batch), IsEmpty());
}

TEST_F(PipelineTest, NothingIsLeftOfSlicesAndBatchesBefore) {
  Make(R"(| logfmt | line_format "{{.n}}!")");
  const model::LogBatch first = BatchOf({{"a", "1"}}, {{"n=1", {{"m", "x"}}}, {"n=2", {}}});
  const auto rows = pipeline_->Start(first);
  EXPECT_THAT(Run(std::span(rows).first(1)), ElementsAre(R"({a="1", m="x", n="1"} 1!)"));
  EXPECT_THAT(Run(std::span(rows).last(1)), ElementsAre(R"({a="1", n="2"} 2!)"));
  const model::LogBatch second = BatchOf({{"c", "2"}}, {{"k=3", {}}});
  EXPECT_THAT(Run(pipeline_->Start(second)), ElementsAre(R"({c="2", k="3"} !)"));
}

TEST_F(PipelineTest, WithoutStagesEverythingPasses) {
  Make("");
  const model::LogBatch batch = BatchOf({{"a", "b"}}, {{"x", {}}, {"", {}}});
  EXPECT_THAT(Run(pipeline_->Start(batch)), ElementsAre(R"({a="b"} x)", R"({a="b"} )"));
}

TEST_F(PipelineTest, ReadsLabelsOnlyAsFarAsTheyAreNeeded) {
  const ParsedLog log(R"({a="b"} | json)");
  const ScanPlan plan = PlanScan(*log, {.labels = {.all = false, .names = {"n"}}});
  auto pipeline = Pipeline::Make(plan.stages, plan.needs);
  ASSERT_THAT(pipeline, IsOk());
  const model::LogBatch batch =
      BatchOf({{"a", "b"}}, {{R"({"k":"v","n":"1","x":)", {}}, {R"({"k":"v","x":)", {}}});
  const RowSlice& slice = (*pipeline)->RunSlice((*pipeline)->Start(batch));
  EXPECT_EQ(LabelSet(slice.labels(), 0).ToString(), R"({a="b", n="1"})");
  EXPECT_TRUE(slice.labels().HasError(1));
}

TEST(PipelineErrorTest, NamesTheStageAsItIsWrittenCanonically) {
  const struct {
    const char* stages;
    const char* message;
  } rows[] = {
      {"|~ `(`", "parse error : stage '|~ \"(\"' : error parsing regexp: missing closing ): `(`"},
      {R"(| json a = "x." , b)",
       "parse error : stage '| json a=\"x.\",b=\"b\"' : cannot parse expression [x.]: syntax "
       "error: "
       "unexpected $end, expecting FIELD"},
      {R"(| logfmt | a = ip("x"))",
       "parse error : stage '| a=ip(\"x\")' : ip: invalid pattern: \"x\""},
      {R"(|> "<a>")",
       "parse error : stage '|> \"<a>\"' : named captures are not allowed: found '<a>'"},
  };
  for (const auto& row : rows) {
    const ParsedLog log("{a=\"b\"} " + std::string(row.stages));
    const auto made = Pipeline::Make(PlanEntries(*log).stages, LabelNeeds());
    EXPECT_EQ(made.status().message(), row.message);
  }
}

}  // namespace
}  // namespace skald::logql
