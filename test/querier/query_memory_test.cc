// What queries may hold in memory: each by itself, and all together.

#include <gtest/gtest.h>

#include <string>

#include "common/executor.h"
#include "common/limits.h"
#include "common/memory_budget.h"
#include "querier/fake_stream_source.h"
#include "querier/querier.h"
#include "support/manual_clock.h"
#include "support/matchers.h"

namespace skald::querier {
namespace {

using test::HasCode;
using test::HasMessage;
using test::IsOk;
using testing::HasSubstr;

class QueryMemoryTest : public testing::Test {
 protected:
  QueryMemoryTest() {
    for (int i = 0; i < 500; ++i) {
      source_.Add("t", model::Labels({{"app", "a"}, {"pod", std::to_string(i)}}), {kBegin + 1});
    }
  }

  // Asks a querier whose queries may hold so much each, and so much together.
  template <typename Question>
  auto Ask(uint64_t max_bytes, uint64_t all_bytes, const Question& question) {
    Limits limits;
    limits.max_query_held_bytes = max_bytes;
    const StaticLimits source_of_limits(limits);
    MemoryBudget all(all_bytes, Unavailable("all queries together"));
    Querier querier(source_, source_of_limits, executor_, clock_, &all);
    model::ScanContext context;
    auto result = question(querier, context);
    EXPECT_EQ(all.used(), 0u);
    return result;
  }

  Result<model::QueryResult> Run(const std::string& text, uint64_t max_bytes, uint64_t all_bytes) {
    return Ask(max_bytes, all_bytes, [&](Querier& querier, model::ScanContext& context) {
      return querier.Run(Request(text), context);
    });
  }

  Result<FieldStatsAnswer> FieldStats(uint64_t max_bytes, uint64_t all_bytes) {
    return Ask(max_bytes, all_bytes, [&](Querier& querier, model::ScanContext& context) {
      return querier.FieldStats(Request("{app=\"a\"}"), {}, context);
    });
  }

  static QueryRequest Request(const std::string& text) {
    QueryRequest request;
    request.tenants = {model::TenantId("t")};
    request.text = text;
    request.start_ns = kBegin;
    request.end_ns = kBegin + 3'600'000'000'000;
    request.step_ns = 60'000'000'000;
    request.limit = 1000;
    request.has_time_range = true;
    return request;
  }

  static constexpr int64_t kBegin = 1'700'000'000'000'000'000;

  test::FakeStreamSource source_;
  Executor executor_{"test", 2};
  test::ManualClock clock_{kBegin + 10};
};

TEST_F(QueryMemoryTest, AQueryWithinItsShareRuns) {
  EXPECT_THAT(Run("count_over_time({app=\"a\"}[1m])", 64 << 20, 64 << 20), IsOk());
  EXPECT_THAT(Run("{app=\"a\"}", 64 << 20, 64 << 20), IsOk());
  EXPECT_THAT(Run("{app=\"a\"}", 0, 0), IsOk());
}

TEST_F(QueryMemoryTest, SeriesBeyondTheShareEndTheQueryWithTheSettingsName) {
  const auto result = Run("count_over_time({app=\"a\"}[1m])", 20'000, 0);
  EXPECT_THAT(result, HasCode(StatusCode::kResourceExhausted));
  EXPECT_THAT(result, HasMessage(HasSubstr("limits_config.max_query_held_bytes")));
}

TEST_F(QueryMemoryTest, EntriesBeyondTheShareDoAsWell) {
  EXPECT_THAT(Run("{app=\"a\"}", 20'000, 0),
              HasMessage(HasSubstr("limits_config.max_query_held_bytes")));
}

TEST_F(QueryMemoryTest, AllQueriesTogetherHaveABoundOfTheirOwn) {
  EXPECT_THAT(Run("count_over_time({app=\"a\"}[1m])", 0, 20'000),
              HasMessage("all queries together"));
}

TEST_F(QueryMemoryTest, StagesThatHoldEntriesAreBoundedByBoth) {
  EXPECT_THAT(Run("{app=\"a\"} | sort by pod", 20'000, 0),
              HasMessage(HasSubstr("limits_config.max_query_held_bytes")));
  EXPECT_THAT(Run("{app=\"a\"} | distinct pod", 0, 20'000), HasMessage("all queries together"));
}

TEST_F(QueryMemoryTest, StatisticsOfFieldsAreBoundedByBoth) {
  EXPECT_THAT(FieldStats(64 << 20, 64 << 20), IsOk());
  EXPECT_THAT(FieldStats(2'000, 0), HasMessage(HasSubstr("limits_config.max_query_held_bytes")));
  EXPECT_THAT(FieldStats(0, 2'000), HasMessage("all queries together"));
}

TEST_F(QueryMemoryTest, WhatIsSummedUpTakesLittle) {
  EXPECT_THAT(Run("sum(count_over_time({app=\"a\"}[1m]))", 100'000, 0), IsOk());
}

}  // namespace
}  // namespace skald::querier
