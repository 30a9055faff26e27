// What limits on streams, their rates and their memory refuse, and what they blame for it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "ingester_fixture.h"

namespace skald::ingester {
namespace {

using test::IsOk;
using testing::HasSubstr;
using testing::Not;

const model::Labels kC = {{"app", "c"}, {"env", "test"}};

class StreamLimitsTest : public IngesterFixture {
 protected:
  StreamLimitsTest() { Open(); }
};

TEST_F(StreamLimitsTest, RefusesStreamsAboveTheLimit) {
  limits_value_.max_global_streams_per_user = 1;
  Open();
  auto outcome = Push({{kProdA, {{1, "a"}}}, {kProdB, {{1, "b"}}}});
  ASSERT_THAT(outcome, IsOk());
  ASSERT_EQ(outcome->refusals.size(), 1u);
  EXPECT_EQ(outcome->refusals[0].reason, "stream_limit");
  EXPECT_THAT(outcome->refusals[0].message, HasSubstr(kProdB.ToString()));
  EXPECT_EQ(ReadAll().size(), 1u);
}

TEST_F(StreamLimitsTest, NamesTheLabelThatUsedUpTheStreamsWhenRefusing) {
  limits_value_.max_global_streams_per_user = 60;
  Open();
  for (int i = 0; i < 60; ++i) {
    const std::string pod = "p" + std::to_string(i);
    ASSERT_THAT(Push({{{{"app", i % 2 == 0 ? "a" : "b"}, {"pod", pod}}, {{1, "x"}}}}), IsOk());
  }
  const auto outcome = Push({{kProdA, {{1, "a"}}}});
  ASSERT_THAT(outcome, IsOk());
  ASSERT_EQ(outcome->refusals.size(), 1u);
  EXPECT_THAT(outcome->refusals[0].message, HasSubstr("label `pod` has 60 values in 60 streams"));
}

TEST_F(StreamLimitsTest, BlamesNoLabelWhereSeveralMultiply) {
  limits_value_.max_global_streams_per_user = 64;
  Open();
  for (int i = 0; i < 64; ++i) {
    ASSERT_THAT(Push({{{{"a", std::to_string(i / 8)}, {"b", std::to_string(i % 8)}}, {{1, "x"}}}}),
                IsOk());
  }
  const auto outcome = Push({{kProdA, {{1, "a"}}}});
  ASSERT_EQ(outcome->refusals.size(), 1u);
  EXPECT_THAT(outcome->refusals[0].message, Not(HasSubstr("values in")));
}

TEST_F(StreamLimitsTest, RefusesOnlyTheEntriesAboveTheRateWhereStreamsAreNotSharded) {
  limits_value_.per_stream_rate_limit = 1;
  limits_value_.per_stream_rate_limit_burst = 10;
  limits_value_.shard_streams = *ParseYaml("enabled: false");
  Open();
  const auto outcome = Push({{kProdA, {{1, "12345"}, {2, "1234567"}, {3, "12345"}, {4, "1"}}}});
  ASSERT_THAT(outcome, IsOk());
  ASSERT_EQ(outcome->refusals.size(), 1u);
  EXPECT_EQ(outcome->refusals[0].entries, 2u);
  const auto entries = ReadAll()[kProdA.ToString()];
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].line, "12345");
  EXPECT_EQ(entries[1].time_ns, 3);
  CrashAndOpen();
  EXPECT_EQ(ReadAll()[kProdA.ToString()].size(), 2u);
}

TEST_F(StreamLimitsTest, RefusesAStreamAboveItsRateUntilTimeHasPassed) {
  limits_value_.per_stream_rate_limit = 10;
  limits_value_.per_stream_rate_limit_burst = 10;
  Open();
  ASSERT_THAT(Push({{kProdA, {{1, "0123456789"}}}}), IsOk());
  auto outcome = Push({{kProdA, {{2, "0123456789"}}}, {kProdB, {{2, "b"}}}});
  ASSERT_THAT(outcome, IsOk());
  ASSERT_EQ(outcome->refusals.size(), 1u);
  EXPECT_EQ(outcome->refusals[0].reason, "per_stream_rate_limit");
  clock_.Advance(std::chrono::seconds(1));
  outcome = Push({{kProdA, {{2, "0123456789"}}}});
  ASSERT_THAT(outcome, IsOk());
  EXPECT_TRUE(outcome->refusals.empty());
  EXPECT_EQ(ReadAll()[kProdA.ToString()].size(), 2u);
}

TEST_F(StreamLimitsTest, CountsThePolicysStreamsApartWhereItHasALimitOnThem) {
  limits_value_.max_global_streams_per_user = 1;
  limits_value_.policy_override_limits = *ParseYaml("{p: {max_streams_per_user: 1}, q: {}}");
  Open();
  const auto stream = [](const std::string& pod, const std::string& policy) {
    return TestStream{{{"pod", pod}}, {{1, "x"}}, policy};
  };
  EXPECT_TRUE(Push({stream("a", "p"), stream("b", "")})->refusals.empty());
  const auto of_policy = Push({stream("c", "p")});
  ASSERT_EQ(of_policy->refusals.size(), 1u);
  EXPECT_THAT(of_policy->refusals[0].message,
              HasSubstr("user: 'team'; the limit is that of policy 'p' in policy_override_limits"));
  EXPECT_EQ(Push({stream("c", "q")})->refusals.size(), 1u);
  EXPECT_TRUE(Push({stream("a", "p"), stream("b", "")})->refusals.empty());
}

TEST_F(StreamLimitsTest, CountsAReplayedStreamForItsPolicyOnceItIsPushedTo) {
  limits_value_.max_global_streams_per_user = 1;
  limits_value_.policy_override_limits = *ParseYaml("{p: {max_streams_per_user: 1}}");
  Open();
  ASSERT_TRUE(Push({{kProdA, {{1, "x"}}, "p"}})->refusals.empty());
  CrashAndOpen();
  EXPECT_EQ(Push({{kProdB, {{1, "x"}}}})->refusals.size(), 1u);
  EXPECT_TRUE(Push({{kProdA, {{2, "x"}}, "p"}})->refusals.empty());
  EXPECT_TRUE(Push({{kProdB, {{1, "x"}}}})->refusals.empty());
}

TEST_F(StreamLimitsTest, HoldsAPolicysStreamsToTheirOwnRate) {
  limits_value_.per_stream_rate_limit = 1 << 20;
  limits_value_.policy_override_limits =
      *ParseYaml("{p: {per_stream_rate_limit: 10, per_stream_rate_limit_burst: 10}}");
  Open();
  const std::string line(20, 'x');
  const auto outcome = Push({{kProdA, {{1, line}}, "p"}, {kProdB, {{1, line}}}});
  ASSERT_EQ(outcome->refusals.size(), 1u);
  EXPECT_THAT(outcome->refusals[0].message, HasSubstr("(limit: 10B/sec)"));
  EXPECT_THAT(outcome->refusals[0].message, HasSubstr("that of policy 'p'"));
}

TEST_F(StreamLimitsTest, MakesNoStreamsAboveTheirMemory) {
  options_.stream_memory_bytes = 1;
  Open();
  ASSERT_THAT(Push({{kProdA, {{1, "a"}}}}), IsOk());
  const auto outcome = Push({{kProdB, {{1, "b"}}}, {kProdA, {{2, "a"}}}});
  ASSERT_THAT(outcome, IsOk());
  ASSERT_EQ(outcome->refusals.size(), 1u);
  EXPECT_EQ(outcome->refusals[0].reason, "stream_memory");
  EXPECT_THAT(outcome->refusals[0].message, HasSubstr(kProdB.ToString()));
  EXPECT_EQ(ReadAll().at(kProdA.ToString()).size(), 2u);

  // What was acknowledged comes back.
  options_.stream_memory_bytes = 1 << 20;
  Open();
  ASSERT_THAT(Push({{kProdB, {{1, "b"}}}}), IsOk());
  options_.stream_memory_bytes = 1;
  Open();
  EXPECT_EQ(ReadAll().size(), 2u);
  EXPECT_EQ(Push({{kC, {{1, "c"}}}})->refusals.size(), 1u);

  // Until streams have gone.
  ASSERT_THAT(ingester_->Flush(), IsOk());
  clock_.Advance(options_.chunk_idle_period);
  ASSERT_THAT(ingester_->FlushDue(), IsOk());
  EXPECT_TRUE(Push({{kC, {{1, "c"}}}})->refusals.empty());
}

TEST_F(StreamLimitsTest, BlamesTheTenantsLimitBeforeTheMemoryOfAllStreams) {
  limits_value_.max_global_streams_per_user = 1;
  options_.stream_memory_bytes = 1;
  Open();
  ASSERT_THAT(Push({{kProdA, {{1, "a"}}}}), IsOk());
  const auto outcome = Push({{kProdB, {{1, "b"}}}});
  ASSERT_EQ(outcome->refusals.size(), 1u);
  EXPECT_EQ(outcome->refusals[0].reason, "stream_limit");
}

}  // namespace
}  // namespace skald::ingester
