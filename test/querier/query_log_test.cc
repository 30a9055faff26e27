#include "querier/query_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/logging.h"
#include "common/metrics.h"
#include "support/time_units.h"

namespace skald::querier {
namespace {

using test::kSecond;
using testing::HasSubstr;
using testing::Not;

class QueryLogTest : public testing::Test {
 protected:
  QueryLogTest() {
    request_.tenants = {model::TenantId("t1")};
    request_.text = "{a=\"b\"}";
    request_.start_ns = 40 * kSecond;
    request_.end_ns = 100 * kSecond;
  }

  std::string LinesFor(const Status& status) {
    model::QuerySummary summary;
    summary.exec_seconds = 1.5;
    model::ScanStats stats;
    stats.head_bytes = 2000;
    testing::internal::CaptureStderr();
    LogQuery({.request = request_,
              .kind = QueryKind::kLimited,
              .status = status,
              .summary = summary,
              .stats = stats,
              .now_ns = 100 * kSecond});
    return testing::internal::GetCapturedStderr();
  }

  static double Failures(const std::string& category) {
    return Metrics::GetCounter("loki_logql_querystats_failed_query_usage_recorded_total",
                               "Queries that have failed, by why.", {{"category", category}})
        .value();
  }

  QueryRequest request_;
};

TEST_F(QueryLogTest, SaysWhatAQueryHasCost) {
  const std::string lines = LinesFor(Status());
  EXPECT_THAT(lines, HasSubstr("msg=\"query\" component=frontend org_id=t1 latency=fast "));
  EXPECT_THAT(lines, HasSubstr(" duration=1.5s status=200 "));
  EXPECT_THAT(lines, Not(HasSubstr("failed query usage")));
}

TEST_F(QueryLogTest, NamesTheTraceAndWhetherPipelineWrappersAreOff) {
  request_.trace_id = "0af7651916cd43dd8448eb211c80319c";
  request_.disable_pipeline_wrappers = true;
  const std::string lines = LinesFor(ResourceExhausted("too much"));
  EXPECT_THAT(lines, HasSubstr(" component=frontend org_id=t1 traceID=" + request_.trace_id +
                               " latency=fast "));
  EXPECT_THAT(lines, HasSubstr("msg=\"failed query usage\" org_id=t1 traceID=" + request_.trace_id +
                               " query="));
  EXPECT_THAT(lines, HasSubstr(" disable_pipeline_wrappers=true "));
}

TEST_F(QueryLogTest, SaysThatAQueryBeginsAndOfWhichOrigin) {
  request_.tags = {{"source", "grafana"}};
  SetLogLevel(LogLevel::kDebug);
  testing::internal::CaptureStderr();
  LogQueryStart(request_, 7);
  const std::string line = testing::internal::GetCapturedStderr();
  SetLogLevel(LogLevel::kInfo);
  EXPECT_THAT(line, HasSubstr("msg=\"executing query\" org_id=t1 query=\"{a=\\\"b\\\"}\" "
                              "query_hash=7 type=range length=1m0s step=0s source=grafana\n"));
}

TEST_F(QueryLogTest, HasTheFieldsThatAreAddedUpOverQueries) {
  const std::string line = LinesFor(Status());
  for (const char* name :
       {"cache_chunk_req=0", "cache_result_hit=0", "cache_result_query_length_served=0s",
        "ingester_chunk_head_bytes=2.0kB", "ingester_chunk_downloaded=0", "index_total_chunks=0",
        "index_bloom_filter_ratio=0.000000", "packs_skipped=0", "disable_pipeline_wrappers=false",
        "has_labelfilter_before_parser=false"}) {
    EXPECT_THAT(line, HasSubstr(" " + std::string(name) + " "));
  }
}

TEST_F(QueryLogTest, SaysWhyAQueryHasFailed) {
  const struct {
    Status status;
    std::string category;
    std::string http;
  } rows[] = {
      {Status(StatusCode::kCancelled, "gone"), "canceled", "499"},
      {Status(StatusCode::kDeadlineExceeded, "too long"), "timeout", "504"},
      {ResourceExhausted("too much"), "limit", "400"},
      {Status(StatusCode::kFailedPrecondition, "querying is disabled"), "throttled", "429"},
      {InvalidArgument("query blocked by policy"), "blocked", "400"},
      {InvalidArgument("limit must be a positive value"), "user_error", "400"},
      {Unavailable("all queries together"), "internal", "503"},
      {DataLoss("a chunk is damaged"), "internal", "500"},
  };
  for (const auto& [status, category, http] : rows) {
    const double before = Failures(category);
    const std::string lines = LinesFor(status);
    EXPECT_THAT(lines, HasSubstr("msg=\"failed query usage\" org_id=t1 query=\"{a=\\\"b\\\"}\" "));
    EXPECT_THAT(lines, HasSubstr(" query_type=limited range_type=range length=1m0s status=" + http +
                                 " duration=1.5s total_bytes=2.0kB failure_category=" + category +
                                 " failure_reason="));
    EXPECT_EQ(Failures(category), before + 1) << category;
  }
}

TEST_F(QueryLogTest, TellsTimesAtTheEndsOfTime) {
  request_.start_ns = -9'200'000'000 * kSecond;
  request_.end_ns = -9'199'999'999 * kSecond;
  EXPECT_THAT(LinesFor(Status()), HasSubstr(" length=1s start_delta=2555555h35m0s "
                                            "end_delta=2555555h34m59s "));
  EXPECT_EQ(TimeBetween(-9'200'000'000 * kSecond, 9'200'000'000 * kSecond),
            "2562047h47m16.854775807s");
  EXPECT_EQ(TimeBetween(9'200'000'000 * kSecond, -9'200'000'000 * kSecond),
            "-2562047h47m16.854775808s");
}

TEST_F(QueryLogTest, SaysThatAQueryCouldNotBeRead) {
  const double before = Failures("syntax");
  testing::internal::CaptureStderr();
  LogSyntaxError(request_, InvalidArgument("parse error : x"));
  const std::string line = testing::internal::GetCapturedStderr();
  EXPECT_THAT(line, HasSubstr(" failure_category=syntax failure_reason=\"parse error : x\""));
  EXPECT_EQ(Failures("syntax"), before + 1);
}

}  // namespace
}  // namespace skald::querier
