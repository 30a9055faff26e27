#include "notify/peer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "notify/fake_receiver.h"
#include "support/faulty_file_system.h"
#include "support/matchers.h"

namespace skald::notify {
namespace {

using test::HasCode;
using test::IsOk;

class PeerTest : public testing::Test {
 protected:
  // The Authorization header that `options` lead to.
  std::string Authorization(const PeerOptions& options) {
    Peer peer(options, files_, clock_);
    const auto answer = peer.Post(receiver_.url() + "/x", {}, "body", CancelToken());
    EXPECT_THAT(answer, IsOk());
    EXPECT_EQ(receiver_.requests().back().body, "body");
    return std::string(receiver_.requests().back().headers.Get("Authorization"));
  }

  SystemClock clock_;
  test::FaultyFileSystem files_;
  FakeReceiver receiver_;
};

TEST_F(PeerTest, SaysWhoItIs) {
  PeerOptions basic;
  basic.http.username = "me";
  basic.http.password = "secret";
  EXPECT_EQ(Authorization(basic), "Basic bWU6c2VjcmV0");
  EXPECT_EQ(Authorization({.credentials = "t0k"}), "Bearer t0k");
  EXPECT_EQ(Authorization({.authorization_type = "Api", .credentials = "t0k"}), "Api t0k");
  EXPECT_EQ(Authorization({}), "");
}

TEST_F(PeerTest, ReadsSecretsFromFilesEachTime) {
  ASSERT_THAT(files_.AtomicWrite("/secret", "one\n"), IsOk());
  PeerOptions basic{.password_file = "/secret"};
  basic.http.username = "me";
  EXPECT_EQ(Authorization(basic), "Basic bWU6b25l");
  EXPECT_EQ(Authorization({.credentials_file = "/secret"}), "Bearer one");
  ASSERT_THAT(files_.AtomicWrite("/secret", "two"), IsOk());
  EXPECT_EQ(Authorization({.credentials_file = "/secret"}), "Bearer two");
}

TEST_F(PeerTest, FailsWithoutItsSecret) {
  Peer peer({.credentials_file = "/none"}, files_, clock_);
  EXPECT_THAT(peer.Post(receiver_.url() + "/x", {}, "", CancelToken()),
              HasCode(StatusCode::kNotFound));
}

TEST(PeerAnswerTest, KnowsWhatIsWorthSendingAgain) {
  EXPECT_TRUE(IsWorthSendingAgain(Unavailable("no connection")));
  EXPECT_FALSE(IsWorthSendingAgain(InvalidArgument("no URL")));
  for (const int status : {429, 500, 503, 599}) {
    EXPECT_TRUE(IsWorthSendingAgain(net::TextResponse(status, ""))) << status;
  }
  for (const int status : {200, 301, 400, 404, 413}) {
    EXPECT_FALSE(IsWorthSendingAgain(net::TextResponse(status, ""))) << status;
  }
}

TEST(PeerAnswerTest, ShowsTheFirstLineOfARefusal) {
  EXPECT_THAT(FromAnswer(net::TextResponse(204, "")), IsOk());
  EXPECT_EQ(FromAnswer(net::TextResponse(400, "out of order\nmore")).message(),
            "server returned HTTP status 400: out of order");
}

}  // namespace
}  // namespace skald::notify
