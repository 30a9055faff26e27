#include "distributor/refusal_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/metrics.h"
#include "support/time_units.h"

namespace skald::distributor {
namespace {

using test::kSecond;
using testing::HasSubstr;

class RefusalLogTest : public testing::Test {
 protected:
  std::string Add(const std::string& message, bool limited, int64_t now_ns) {
    testing::internal::CaptureStderr();
    log_.Add(options_, "t1", InvalidArgument(message), limited, now_ns);
    return testing::internal::GetCapturedStderr();
  }

  static double Discarded() {
    return Metrics::GetCounter(
               "loki_write_failures_discarded_total",
               "Refused pushes that the log does not tell of, as there were too many.",
               {{"org_id", "t1"}})
        .value();
  }

  RefusalLog::Options options_;
  RefusalLog log_;
};

TEST_F(RefusalLogTest, SaysWhyAPushIsRefused) {
  EXPECT_THAT(
      Add("too old", true, 0),
      HasSubstr("level=error msg=\"write operation failed\" details=\"too old\" org_id=t1"));
}

TEST_F(RefusalLogTest, WritesAKilobyteASecondAndCountsTheRest) {
  const double before = Discarded();
  EXPECT_NE(Add(std::string(1000, 'x'), true, 0), "");
  EXPECT_EQ(Add(std::string(1000, 'x'), true, 1), "");
  EXPECT_EQ(Discarded(), before + 1);
  EXPECT_NE(Add(std::string(1 << 20, 'x'), true, 2 * kSecond), "");
}

TEST_F(RefusalLogTest, WritesAsMuchAsItIsSetTo) {
  options_ = {.bytes_per_second = 100, .add_insight = true};
  EXPECT_THAT(Add(std::string(80, 'x'), true, 0), HasSubstr("org_id=t1 insight=true\n"));
  EXPECT_EQ(Add(std::string(80, 'x'), true, 1), "");
}

TEST_F(RefusalLogTest, WritesEverythingWhereItIsToldTo) {
  EXPECT_NE(Add(std::string(2000, 'x'), false, 0), "");
  EXPECT_NE(Add(std::string(2000, 'x'), false, 0), "");
}

}  // namespace
}  // namespace skald::distributor
