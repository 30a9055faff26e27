#include "querier/query_kind.h"

#include <gtest/gtest.h>

#include "logql/parser.h"
#include "support/matchers.h"

namespace skald::querier {
namespace {

TEST(QueryKindTest, TellsWhatCanDropLines) {
  const struct {
    const char* query;
    QueryKind kind;
  } rows[] = {
      {R"({app="a"})", QueryKind::kLimited},
      {R"({app="a"} | json)", QueryKind::kLimited},
      {R"({app="a"} |= "")", QueryKind::kLimited},
      {R"({app="a"} |= "x")", QueryKind::kFilter},
      {R"({app="a"} != "x")", QueryKind::kFilter},
      {R"({app="a"} | json | status=500)", QueryKind::kFilter},
      {R"(rate({app="a"}[1m]))", QueryKind::kMetric},
      {"1+1", QueryKind::kMetric},
  };
  for (const auto& row : rows) {
    const auto expr = logql::Parse(row.query);
    ASSERT_THAT(expr, test::IsOk()) << row.query;
    EXPECT_EQ(KindOf(**expr), row.kind) << row.query;
  }
}

TEST(QueryKindTest, TellsWhetherLabelsAreFilteredBeforeAnythingIsParsed) {
  const struct {
    const char* query;
    bool before;
  } rows[] = {
      {R"({app="a"} | level="error" | json)", true},
      {R"(sum(rate({app="a"} |= "x" | level="error" | logfmt | took > 1s [1m])))", true},
      {R"({app="a"} | json | level="error" | logfmt)", false},
      {R"({app="a"} | level="error")", false},
      {R"({app="a"} |= "x" | json)", false},
      {"1+1", false},
  };
  for (const auto& row : rows) {
    const auto expr = logql::Parse(row.query);
    ASSERT_THAT(expr, test::IsOk()) << row.query;
    EXPECT_EQ(FiltersBeforeParsing(**expr), row.before) << row.query;
  }
}

TEST(QueryKindTest, TellsWhatCanBeCutIntoShards) {
  const struct {
    const char* query;
    bool shardable;
  } rows[] = {
      {R"({app="a"} | json)", true},
      {R"(count_over_time({app="a"}[1m]))", true},
      {R"(sum by (x) (avg_over_time({app="a"} | unwrap x [1m])))", true},
      {R"(topk(3, rate({app="a"}[1m])))", true},
      {R"(label_replace(rate({app="a"}[1m]), "x", "y", "z", ".*"))", true},
      {R"(absent_over_time({app="a"}[1m]) or rate({app="a"}[1m]))", true},
      {R"(absent_over_time({app="a"}[1m]))", false},
      {R"(sum(stddev_over_time({app="a"} | unwrap x [1m])))", false},
      {R"(last_over_time({app="a"} | unwrap x [1m]))", false},
      {R"(quantile_over_time(0.5, {app="a"} | unwrap x [1m]))", false},
      {"1+1", false},
  };
  for (const auto& row : rows) {
    const auto expr = logql::Parse(row.query);
    ASSERT_THAT(expr, test::IsOk()) << row.query;
    EXPECT_EQ(IsShardable(**expr, {}), row.shardable) << row.query;
  }
}

TEST(QueryKindTest, FurtherFunctionsAreCutIntoShardsOnDemand) {
  const auto expr = logql::Parse(R"(quantile_over_time(0.5, {app="a"} | unwrap x [1m]))");
  ASSERT_THAT(expr, test::IsOk());
  EXPECT_FALSE(IsShardable(**expr, {"last_over_time"}));
  EXPECT_TRUE(IsShardable(**expr, {"last_over_time", "quantile_over_time"}));
}

TEST(QueryKindTest, FindsTheLongestRange) {
  const auto expr = logql::Parse(
      R"(label_replace(sum(rate({a="b"}[5m])), "x", "y", "z", ".*") / sum(rate({a="b"}[1h])))");
  ASSERT_THAT(expr, test::IsOk());
  EXPECT_EQ(LongestRange(**expr), 3600ll * 1'000'000'000);
}

}  // namespace
}  // namespace skald::querier
