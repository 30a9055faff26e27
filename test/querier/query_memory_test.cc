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

  Result<model::QueryResult> Run(const std::string& text, uint64_t max_bytes, uint64_t all_bytes) {
    Limits limits;
    limits.max_query_held_bytes = max_bytes;
    const StaticLimits source_of_limits(limits);
    MemoryBudget all(all_bytes, Unavailable("all queries together"));
    Querier querier(source_, source_of_limits, executor_, clock_, &all);
    QueryRequest request;
    request.tenants = {model::TenantId("t")};
    request.text = text;
    request.start_ns = kBegin;
    request.end_ns = kBegin + 3'600'000'000'000;
    request.step_ns = 60'000'000'000;
    request.limit = 1000;
    request.has_time_range = true;
    model::ScanContext context;
    auto result = querier.Run(std::move(request), context);
    EXPECT_EQ(all.used(), 0u);
    return result;
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

TEST_F(QueryMemoryTest, WhatIsSummedUpTakesLittle) {
  EXPECT_THAT(Run("sum(count_over_time({app=\"a\"}[1m]))", 100'000, 0), IsOk());
}

}  // namespace
}  // namespace skald::querier
