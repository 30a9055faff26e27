#include "notify/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/matchers.h"

namespace skald::notify {
namespace {

using test::IsOk;

TEST(AnswerTest, KnowsWhatIsWorthSendingAgain) {
  EXPECT_TRUE(IsWorthSendingAgain(Unavailable("no connection")));
  EXPECT_FALSE(IsWorthSendingAgain(InvalidArgument("no URL")));
  for (const int status : {429, 500, 503, 599}) {
    EXPECT_TRUE(IsWorthSendingAgain(net::TextResponse(status, ""))) << status;
  }
  for (const int status : {200, 301, 400, 404, 413}) {
    EXPECT_FALSE(IsWorthSendingAgain(net::TextResponse(status, ""))) << status;
  }
}

TEST(AnswerTest, ShowsTheFirstLineOfARefusal) {
  EXPECT_THAT(FromAnswer(net::TextResponse(204, "")), IsOk());
  EXPECT_EQ(FromAnswer(net::TextResponse(400, "out of order\nmore")).message(),
            "server returned HTTP status 400: out of order");
}

}  // namespace
}  // namespace skald::notify
