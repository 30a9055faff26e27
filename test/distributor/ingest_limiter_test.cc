#include "distributor/ingest_limiter.h"

#include <gtest/gtest.h>

#include <vector>

#include "support/manual_clock.h"
#include "support/matchers.h"

namespace skald::distributor {
namespace {

using test::HasCode;
using test::HasMessage;
using test::IsOk;
using Shares = std::vector<IngestLimiter::Share>;

class IngestLimiterTest : public testing::Test {
 protected:
  Status Admit(std::string_view tenant, const Shares& shares) {
    return limiter_.Admit(tenant, shares);
  }

  test::ManualClock clock_;
  IngestLimiter limiter_{clock_};
};

IngestLimiter::Share Share(uint64_t bytes, std::string_view policy = "") {
  return {.policy = policy, .rate = 100.9, .burst = 200, .lines = 2, .bytes = bytes};
}

TEST_F(IngestLimiterTest, AdmitsTheBurstAndThenTheRate) {
  EXPECT_THAT(Admit("t", {Share(200)}), IsOk());
  EXPECT_THAT(Admit("t", {Share(1)}), HasCode(StatusCode::kResourceExhausted));
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_THAT(Admit("t", {Share(100)}), IsOk());
  EXPECT_THAT(Admit("t", {Share(100)}), HasCode(StatusCode::kResourceExhausted));
}

TEST_F(IngestLimiterTest, SaysWhoseRateWasExceededByWhat) {
  EXPECT_THAT(
      Admit("t", {Share(201)}),
      HasMessage(
          "ingestion rate limit exceeded for user t (limit: 100 bytes/sec) while "
          "attempting to ingest '2' lines totaling '201' bytes, reduce log volume or contact "
          "your Loki administrator to see if the limit can be increased"));
  EXPECT_THAT(
      Admit("t", {Share(201, "slow")}),
      HasMessage("ingestion rate limit exceeded for user t, policy slow (limit: 100 bytes/sec) "
                 "while attempting to ingest '2' lines totaling '201' bytes, reduce log volume or "
                 "contact your Loki administrator to see if the limit can be increased"));
}

TEST_F(IngestLimiterTest, ARefusedPushTakesNothing) {
  EXPECT_THAT(Admit("t", {Share(150), Share(201, "slow")}),
              HasCode(StatusCode::kResourceExhausted));
  EXPECT_THAT(Admit("t", {Share(200), Share(200, "slow")}), IsOk());
}

TEST_F(IngestLimiterTest, TenantsAndPoliciesHaveBucketsOfTheirOwn) {
  EXPECT_THAT(Admit("a", {Share(200)}), IsOk());
  EXPECT_THAT(Admit("b", {Share(200)}), IsOk());
  EXPECT_THAT(Admit("a", {Share(200, "p")}), IsOk());
  EXPECT_THAT(Admit("a", {Share(1, "p")}), HasCode(StatusCode::kResourceExhausted));
}

TEST_F(IngestLimiterTest, TakesNewSettingsAtOnce) {
  EXPECT_THAT(Admit("t", {Share(200)}), IsOk());
  IngestLimiter::Share wider = Share(1000);
  wider.rate = wider.burst = 1000;
  EXPECT_THAT(Admit("t", {wider}), HasCode(StatusCode::kResourceExhausted));
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_THAT(Admit("t", {wider}), IsOk());
}

TEST_F(IngestLimiterTest, ARateOfZeroAdmitsTheBurstOnce) {
  IngestLimiter::Share none = Share(200);
  none.rate = 0;
  EXPECT_THAT(Admit("t", {none}), IsOk());
  clock_.Advance(std::chrono::hours(1));
  none.bytes = 1;
  EXPECT_THAT(Admit("t", {none}), HasCode(StatusCode::kResourceExhausted));
}

}  // namespace
}  // namespace skald::distributor
