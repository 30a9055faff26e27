#include "api/slow_query_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "support/manual_clock.h"

namespace skald::api {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

class SlowQueryLogTest : public testing::Test {
 protected:
  // What is written when a request takes so long.
  std::string LinesAfter(seconds took, seconds limit) {
    const net::Handler handler = LogSlowQueries(limit, clock_, [&](net::Request&) {
      clock_.Advance(took);
      return net::TextResponse(200, "answer");
    });
    net::Request request;
    request.method = "POST";
    request.path = "/loki/api/v1/query";
    request.query = "limit=5&a+b%0A=c";
    request.headers.Add("Host", "skald");
    request.headers.Add("Content-Type", "application/x-www-form-urlencoded");
    request.body = "query=vector(1)";
    testing::internal::CaptureStderr();
    EXPECT_EQ(handler(request).body, "answer");
    return testing::internal::GetCapturedStderr();
  }

  test::ManualClock clock_;
};

TEST_F(SlowQueryLogTest, ShowsTheParametersOfARequestThatTookTooLong) {
  const std::string line = LinesAfter(seconds(3), seconds(2));
  EXPECT_THAT(line, HasSubstr("msg=\"slow query detected\" method=POST host=skald "
                              "path=/loki/api/v1/query time_taken=3s "));
  EXPECT_THAT(line, HasSubstr(" param_query=vector(1) "));
  EXPECT_THAT(line, HasSubstr(" param_limit=5 param_a_b_=c"));
}

TEST_F(SlowQueryLogTest, IsSilentAboutOthers) {
  EXPECT_EQ(LinesAfter(seconds(2), seconds(2)), "");
  EXPECT_EQ(LinesAfter(seconds(3), seconds(0)), "");
}

}  // namespace
}  // namespace skald::api
