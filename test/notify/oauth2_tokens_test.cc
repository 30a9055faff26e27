#include "notify/oauth2_tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "notify/fake_receiver.h"
#include "support/faulty_file_system.h"
#include "support/matchers.h"

namespace skald::notify {
namespace {

using test::HasCode;
using test::HasMessage;
using test::IsOk;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

// The machine's clock, but for what it is put forward.
class ForwardClock final : public Clock {
 public:
  int64_t NowNs() const override { return clock_.NowNs() + ahead_ns_; }
  int64_t MonotonicNs() const override { return clock_.MonotonicNs() + ahead_ns_; }
  void Advance(std::chrono::nanoseconds time) { ahead_ns_ += time.count(); }

 private:
  SystemClock clock_;
  std::atomic<int64_t> ahead_ns_ = 0;
};

class OAuth2TokensTest : public testing::Test {
 protected:
  OAuth2TokensTest() {
    options_.token_url = issuer_.url() + "/token";
    options_.client_id = "me:too";
    options_.client_secret = "hu sh";
  }

  void Answer(const std::string& json) {
    issuer_.Answer(net::MakeResponse(200, "application/json", json));
  }

  std::string Get(OAuth2Tokens& tokens) {
    const auto token = tokens.Get(CancelToken());
    return token.ok() ? token->authorization : std::string(token.status().message());
  }

  ForwardClock clock_;
  test::FaultyFileSystem files_;
  FakeReceiver issuer_;
  OAuth2Options options_;
};

TEST_F(OAuth2TokensTest, AsksAsTheStandardHasIt) {
  Answer(R"({"access_token": "t0k", "token_type": "bearer", "expires_in": 3600})");
  options_.scopes = {"a", "b"};
  options_.endpoint_params = {{"audience", "x&y"}};
  OAuth2Tokens tokens(options_, files_, clock_);
  EXPECT_EQ(Get(tokens), "Bearer t0k");
  const net::Request request = issuer_.requests().at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.headers.Get("Content-Type"), "application/x-www-form-urlencoded");
  // "me%3Atoo:hu%20sh"
  EXPECT_EQ(request.headers.Get("Authorization"), "Basic bWUlM0F0b286aHUlMjBzaA==");
  EXPECT_EQ(request.body, "grant_type=client_credentials&scope=a%20b&audience=x%26y");
}

TEST_F(OAuth2TokensTest, KeepsATokenUntilShortlyBeforeItsEnd) {
  Answer(R"({"access_token": "one", "expires_in": 60})");
  OAuth2Tokens tokens(options_, files_, clock_);
  EXPECT_EQ(Get(tokens), "Bearer one");
  Answer(R"({"access_token": "two", "token_type": "MAC", "expires_in": "60"})");
  clock_.Advance(std::chrono::seconds(30));
  EXPECT_EQ(Get(tokens), "Bearer one");
  clock_.Advance(std::chrono::seconds(21));
  EXPECT_EQ(Get(tokens), "MAC two");
  clock_.Advance(std::chrono::seconds(51));
  Answer(R"({"access_token": "three"})");
  EXPECT_EQ(Get(tokens), "Bearer three");
  clock_.Advance(std::chrono::hours(10'000));
  EXPECT_EQ(Get(tokens), "Bearer three");
  EXPECT_THAT(issuer_.requests(), SizeIs(3));
}

TEST_F(OAuth2TokensTest, DropsTheTokenThatIsRefusedAndNoOther) {
  Answer(R"({"access_token": "one"})");
  OAuth2Tokens tokens(options_, files_, clock_);
  const auto first = tokens.Get(CancelToken());
  ASSERT_THAT(first, IsOk());
  EXPECT_FALSE(first->kept);
  EXPECT_TRUE(tokens.Get(CancelToken())->kept);
  tokens.Drop(*first);
  Answer(R"({"access_token": "two"})");
  EXPECT_EQ(Get(tokens), "Bearer two");
  tokens.Drop(*first);
  EXPECT_EQ(Get(tokens), "Bearer two");
  EXPECT_THAT(issuer_.requests(), SizeIs(2));
}

TEST_F(OAuth2TokensTest, ReadsItsSecretFromAFileEachTime) {
  Answer(R"({"access_token": "t0k", "expires_in": 1})");
  options_.client_secret.clear();
  options_.client_secret_file = "/secret";
  OAuth2Tokens tokens(options_, files_, clock_);
  EXPECT_THAT(Get(tokens), HasSubstr("/secret"));
  for (const char* secret : {"one", "two"}) {
    ASSERT_THAT(files_.AtomicWrite("/secret", std::string(secret) + "\n"), IsOk());
    EXPECT_EQ(Get(tokens), "Bearer t0k");
    const std::string sent(issuer_.requests().back().headers.Get("Authorization"));
    EXPECT_EQ(sent, secret[0] == 'o' ? "Basic bWUlM0F0b286b25l" : "Basic bWUlM0F0b286dHdv");
  }
}

TEST_F(OAuth2TokensTest, SendsItsSecretInTheBodyToWhoWantsItThere) {
  issuer_.AnswerBy([](const net::Request& request) {
    return request.headers.Has("Authorization")
               ? net::MakeResponse(401, "application/json", R"({"error": "invalid_client"})")
               : net::MakeResponse(200, "application/json",
                                   R"({"access_token": "t0k", "expires_in": 1})");
  });
  OAuth2Tokens tokens(options_, files_, clock_);
  EXPECT_EQ(Get(tokens), "Bearer t0k");
  EXPECT_EQ(issuer_.requests().back().body,
            "grant_type=client_credentials&client_id=me%3Atoo&client_secret=hu%20sh");
  EXPECT_EQ(Get(tokens), "Bearer t0k");
  EXPECT_THAT(issuer_.requests(), SizeIs(3));  // It is remembered.
}

TEST_F(OAuth2TokensTest, TakesAFormForAnAnswer) {
  issuer_.Answer(net::MakeResponse(200, "application/x-www-form-urlencoded",
                                   "access_token=t0k&token_type=Bearer&expires_in=9"));
  OAuth2Tokens tokens(options_, files_, clock_);
  EXPECT_EQ(Get(tokens), "Bearer t0k");
}

TEST_F(OAuth2TokensTest, NamesItsServerWhenThereIsNoToken) {
  const struct {
    net::Response answer;
    const char* text;
  } cases[] = {
      {net::TextResponse(400, "unknown client"), "HTTP status 400: unknown client"},
      {net::TextResponse(503, "later"), "HTTP status 503: later"},
      {net::MakeResponse(200, "application/json", "[hush]"), "no JSON object"},
      {net::MakeResponse(200, "application/json", R"({"token": "hush"})"), "no access_token"},
      {net::MakeResponse(200, "application/json", R"({"access_token": "hush\r\nX: y"})"),
       "no access_token"},
  };
  for (const auto& c : cases) {
    issuer_.Answer(c.answer);
    OAuth2Tokens tokens(options_, files_, clock_);
    const auto token = tokens.Get(CancelToken());
    EXPECT_THAT(token, HasCode(StatusCode::kUnavailable));
    EXPECT_THAT(token, HasMessage(AllOf(HasSubstr("oauth2: token_url " + issuer_.url() + "/token"),
                                        HasSubstr(c.text), Not(HasSubstr("hush")),
                                        Not(HasSubstr("hu sh")))));
  }
  issuer_.Down();
  OAuth2Tokens tokens(options_, files_, clock_);
  EXPECT_THAT(tokens.Get(CancelToken()), HasCode(StatusCode::kUnavailable));
}

}  // namespace
}  // namespace skald::notify
