#include "app/rule_evaluator.h"

#include <gtest/gtest.h>

#include "common/limits.h"
#include "querier/fake_stream_source.h"
#include "support/manual_clock.h"
#include "support/matchers.h"

namespace skald::app {
namespace {

using test::HasCode;
using test::IsOk;

class RuleEvaluatorTest : public testing::Test {
 protected:
  RuleEvaluatorTest() {
    streams_.Add("t", model::Labels{{"app", "a"}}, {clock_.NowNs() - 1, clock_.NowNs() - 2});
  }

  Result<ruler::EvaluatedQuery> Evaluate(const std::string& expr) {
    return evaluator_.Evaluate(model::TenantId("t"), expr, clock_.NowNs(), cancel_);
  }

  test::ManualClock clock_;
  test::FakeStreamSource streams_;
  const StaticLimits limits_{Limits()};
  Executor workers_{"work", 1};
  querier::Querier querier_{streams_, limits_, workers_, clock_};
  RuleEvaluator evaluator_{querier_};
  CancelToken cancel_;
  const std::string count_ = R"(sum by (app) (count_over_time({app="a"}[1m])))";
};

TEST_F(RuleEvaluatorTest, GivesASampleASeries) {
  const auto answer = Evaluate(count_);
  ASSERT_THAT(answer, IsOk());
  ASSERT_EQ(answer->samples.size(), 1u);
  EXPECT_EQ(answer->samples[0].labels.ToString(), R"({app="a"})");
  EXPECT_EQ(answer->samples[0].value, 2);
  EXPECT_EQ(answer->missing, "");
}

TEST_F(RuleEvaluatorTest, ANumberIsASeriesWithoutLabels) {
  const auto answer = Evaluate("1 + 1");
  ASSERT_THAT(answer, IsOk());
  ASSERT_EQ(answer->samples.size(), 1u);
  EXPECT_EQ(answer->samples[0].value, 2);
}

TEST_F(RuleEvaluatorTest, SaysWhatIsMissingFromAnAnswer) {
  streams_.WarnOf("entries are missing: pack 7 is unreadable");
  const auto answer = Evaluate(count_);
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->samples.size(), 1u);
  EXPECT_EQ(answer->missing, "entries are missing: pack 7 is unreadable");
}

TEST_F(RuleEvaluatorTest, RefusesALogQuery) {
  const auto answer = Evaluate(R"({app="a"})");
  EXPECT_THAT(answer, HasCode(StatusCode::kInvalidArgument));
  EXPECT_EQ(answer.status().message(), "rule result is not a vector or scalar");
}

TEST_F(RuleEvaluatorTest, AQueryUnderWayEndsWhenItIsCancelled) {
  streams_.OnSelect([this] { cancel_.Cancel(); });
  EXPECT_THAT(Evaluate(count_), HasCode(StatusCode::kCancelled));
}

}  // namespace
}  // namespace skald::app
