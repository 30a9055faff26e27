#include "querier/query_checks.h"

#include <gtest/gtest.h>

#include "logql/parser.h"
#include "support/matchers.h"
#include "support/time_units.h"

namespace skald::querier {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using test::HasCode;
using test::HasMessage;
using test::IsOk;
using test::kHour;
using test::kSecond;

class QueryChecksTest : public testing::Test {
 protected:
  Status Check(const std::string& text, const QueryRequest& request) {
    const auto expr = logql::Parse(text);
    EXPECT_THAT(expr, IsOk());
    return CheckQuery(request, **expr, limits_);
  }
  Status CheckRange(const std::string& text, int64_t length_ns) {
    QueryRequest request;
    request.end_ns = length_ns;
    request.step_ns = 60 * kSecond;
    return Check(text, request);
  }
  Status CheckInstant(const std::string& text) {
    QueryRequest request;
    request.instant = true;
    return Check(text, request);
  }

  Limits limits_;
};

TEST_F(QueryChecksTest, HoldsLogQueriesToTheNumberOfEntries) {
  limits_.max_entries_limit_per_query = 20;
  QueryRequest request;
  request.limit = 20;
  EXPECT_THAT(Check(R"({app="a"})", request), IsOk());
  request.limit = 21;
  EXPECT_THAT(Check(R"({app="a"})", request),
              HasMessage("max entries limit per query exceeded, limit > "
                         "max_entries_limit_per_query (21 > 20)"));
  EXPECT_THAT(Check(R"(rate({app="a"}[1m]))", request), IsOk()) << "metric queries are exempt";
}

TEST_F(QueryChecksTest, ComparesTheLengthInMilliseconds) {
  limits_.max_query_length = hours(3);
  EXPECT_THAT(CheckRange(R"({app="a"})", 3 * kHour + 999'999), IsOk());
  EXPECT_THAT(CheckRange(R"({app="a"})", 3 * kHour + 1'000'000),
              HasMessage("the query time range exceeds the limit (query length: 3h0m0.001s, "
                         "limit: 3h)"));
}

TEST_F(QueryChecksTest, AddsTheRangeToTheLengthOfAPart) {
  limits_.max_query_length = hours(3);
  limits_.split_queries_by_interval = hours(1);
  EXPECT_THAT(CheckRange(R"(rate({app="a"}[5m]))", 3 * kHour), IsOk());
  EXPECT_THAT(CheckRange(R"(rate({app="a"}[1d]))", kHour),
              HasMessage("the query time range exceeds the limit (query length: 25h0m0s, "
                         "limit: 3h)"));
}

TEST_F(QueryChecksTest, HoldsTheLongestRangeToItsLimit) {
  limits_.max_query_range = minutes(10);
  EXPECT_THAT(CheckInstant(R"(rate({app="a"}[10m]))"), IsOk());
  EXPECT_THAT(CheckInstant(R"(rate({app="a"}[5m]) + rate({app="a"}[11m]))"),
              HasMessage("[interval] value exceeds limit: [11m] > [10m]"));
  EXPECT_THAT(CheckRange(R"(rate({app="a"}[600001ms]))", kHour),
              HasMessage("[interval] value exceeds limit: [10m1ms] > [10m]"));
}

TEST_F(QueryChecksTest, NamesTheFirstHourOfARangeThatIsCutInInstantQueries) {
  limits_.max_query_range = minutes(10);
  struct Row {
    const char* query;
    const char* range;
  };
  const Row rows[] = {
      {R"(sum(count_over_time({a="b"}[2h])))", "1h"},
      {R"(max_over_time({a="b"} | unwrap c [2h]))", "1h"},
      {R"(quantile_over_time(0.5, {a="b"} | unwrap c [2h]))", "2h"},
      {R"(sum(absent_over_time({a="b"}[2h])))", "2h"},
      {R"(rate({a="b"}[3h]) + avg_over_time({a="b"} | unwrap c [2h]))", "2h"},
  };
  for (const Row& row : rows) {
    EXPECT_THAT(CheckInstant(row.query), HasMessage("[interval] value exceeds limit: [" +
                                                    std::string(row.range) + "] > [10m]"))
        << row.query;
  }
  EXPECT_THAT(CheckRange(R"(sum(count_over_time({a="b"}[2h])))", kHour),
              HasMessage("[interval] value exceeds limit: [2h] > [10m]"));
}

TEST_F(QueryChecksTest, CountsMatchersInEverySelector) {
  limits_.max_streams_matchers_per_query = 2;
  EXPECT_THAT(CheckInstant(R"(rate({a="1", b="2"}[1m]) + rate({a="1", b="2"}[1m]))"), IsOk());
  EXPECT_THAT(
      CheckInstant(R"(rate({a="1"}[1m]) + rate({a="1", b="2", c=""}[1m]))"),
      HasMessage("max streams matchers per query exceeded, matchers-count > limit (3 > 2)"));
}

TEST_F(QueryChecksTest, WantsTheRequiredLabelsInRangeQueries) {
  limits_.required_labels = {"app", "env"};
  limits_.minimum_labels_number = 3;
  EXPECT_THAT(CheckRange(R"({pod=~".+", x=""})", kHour),
              HasMessage("stream selector is missing required matchers [app, env], labels present "
                         "in the query were [pod, x]"));
  EXPECT_THAT(CheckRange(R"({app="a", env="b"})", kHour),
              HasMessage("stream selector has less label matchers than required: (present: [app, "
                         "env], number_present: 2, required_number_label_matchers: 3)"));
  EXPECT_THAT(CheckRange(R"({app="a", env="b", pod=""})", kHour), IsOk());
  EXPECT_THAT(CheckInstant(R"(rate({pod="a"}[1m]))"), IsOk());
}

TEST_F(QueryChecksTest, TakesApproxTopkWhereItIsSwitchedOnInInstantQueries) {
  for (const char* const text :
       {R"(approx_topk(2, sum by (b) (rate({a="b"}[1m]))))",
        R"(1 + label_replace(sum(approx_topk(2, rate({a="b"}[1m]))), "x", "y", "z", ".*"))"}) {
    limits_.shard_aggregations = {"quantile_over_time"};
    for (const Status& status : {CheckInstant(text), CheckRange(text, kHour)}) {
      EXPECT_THAT(status, HasCode(StatusCode::kUnimplemented));
      EXPECT_THAT(status, HasMessage("approx_topk is not enabled. See -limits.shard_aggregations"));
    }
    limits_.shard_aggregations.push_back("approx_topk");
    EXPECT_THAT(CheckInstant(text), IsOk());
    EXPECT_THAT(CheckRange(text, kHour), HasCode(StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(CheckInstant(R"(topk(2, rate({a="b"}[1m])))"), IsOk());
}

TEST_F(QueryChecksTest, RefusesEverythingWhereQueryingIsOff) {
  limits_.max_query_parallelism = 0;
  EXPECT_THAT(CheckQueryingAllowed(limits_), HasCode(StatusCode::kFailedPrecondition));
}

TEST_F(QueryChecksTest, ClampsTheStartToTheLookback) {
  limits_.max_query_lookback = hours(3);
  const int64_t now = 100 * kHour;
  int64_t start = 90 * kHour;
  EXPECT_TRUE(ClampToLookback(now, now, limits_, start));
  EXPECT_EQ(start, 97 * kHour);
  EXPECT_FALSE(ClampToLookback(now, 96 * kHour, limits_, start));
}

TEST(AlignToStepTest, MovesBothEndsOutwards) {
  QueryRequest request;
  request.start_ns = 61 * kSecond;
  request.end_ns = 181 * kSecond;
  request.step_ns = 60 * kSecond;
  AlignToStep(request);
  EXPECT_EQ(request.start_ns, 60 * kSecond);
  EXPECT_EQ(request.end_ns, 240 * kSecond);
  AlignToStep(request);
  EXPECT_EQ(request.end_ns, 240 * kSecond) << "aligned ends stay";
}

TEST(AlignToStepTest, StaysWithinTime) {
  QueryRequest request;
  request.start_ns = -9'200'000'000 * kSecond;
  request.end_ns = 9'200'000'000 * kSecond;
  request.step_ns = 5'000'000'000 * kSecond;
  AlignToStep(request);
  EXPECT_EQ(request.start_ns, -9'200'000'000 * kSecond);
  EXPECT_EQ(request.end_ns, 9'200'000'000 * kSecond);
}

}  // namespace
}  // namespace skald::querier
