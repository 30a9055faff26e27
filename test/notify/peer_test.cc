#include "notify/peer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <atomic>
#include <iomanip>
#include <sstream>

#include "notify/answer.h"
#include "notify/fake_receiver.h"
#include "support/faulty_file_system.h"
#include "support/matchers.h"

namespace skald::notify {
namespace {

using test::HasCode;
using test::IsOk;
using testing::HasSubstr;

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

TEST_F(PeerTest, AsksForANewTokenWhenTheOldOneIsRefused) {
  FakeReceiver issuer;
  std::atomic<int> issued = 0;
  issuer.AnswerBy([&issued](const net::Request&) {
    return net::MakeResponse(200, "application/json",
                             R"({"access_token":"t)" + std::to_string(++issued) + R"("})");
  });
  std::atomic<int> good = 1;
  receiver_.AnswerBy([&good](const net::Request& request) {
    const std::string token = "Bearer t" + std::to_string(good);
    return net::TextResponse(request.headers.Get("Authorization") == token ? 200 : 401, "");
  });
  Peer peer({.oauth2 = OAuth2Options{.token_url = issuer.url() + "/token", .client_id = "me"}},
            files_, clock_);
  const auto post = [&] {
    return peer.Post(receiver_.url() + "/x", {}, "b", CancelToken())->status;
  };
  EXPECT_EQ(post(), 200);
  EXPECT_EQ(post(), 200);
  EXPECT_EQ(issued, 1);
  good = 2;
  EXPECT_EQ(post(), 200);
  EXPECT_EQ(issued, 2);
  // A fresh token that is refused is no reason to ask without end; the next request asks anew.
  good = 4;
  EXPECT_EQ(post(), 401);
  EXPECT_EQ(issued, 3);
  EXPECT_EQ(post(), 200);
  EXPECT_EQ(issued, 4);
}

TEST_F(PeerTest, SaysThatNoTokenIsToBeHad) {
  FakeReceiver issuer;
  issuer.Answer(net::TextResponse(500, "out of tokens"));
  Peer peer({.oauth2 = OAuth2Options{.token_url = issuer.url() + "/token", .client_id = "me"}},
            files_, clock_);
  const auto answer = peer.Post(receiver_.url() + "/x", {}, "b", CancelToken());
  EXPECT_TRUE(IsWorthSendingAgain(answer));
  EXPECT_EQ(std::string(answer.status().message()),
            "oauth2: token_url " + issuer.url() +
                "/token: server returned HTTP status 500: out of tokens");
  EXPECT_THAT(receiver_.requests(), testing::IsEmpty());
}

// HMAC with SHA-256, and SHA-256, by OpenSSL alone.
std::string Hmac(const std::string& key, const std::string& text) {
  std::string digest(32, '\0');
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       reinterpret_cast<unsigned char*>(digest.data()), nullptr);
  return digest;
}
std::string Hash(const std::string& text) {
  std::string digest(32, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}
std::string Hex(const std::string& bytes) {
  std::ostringstream hex;
  for (const unsigned char c : bytes) {
    hex << std::hex << std::setw(2) << std::setfill('0') << static_cast<int>(c);
  }
  return hex.str();
}

// What a receiver at AWS makes of a request that has come: the Authorization it should have.
std::string ExpectedAuthorization(const net::Request& r, const std::string& path) {
  const std::string names = "content-type;host;x-amz-content-sha256;x-amz-date";
  std::string canonical = "POST\n" + path + "\na=c%20d&b=1\n";
  for (const char* name : {"content-type", "host", "x-amz-content-sha256", "x-amz-date"}) {
    canonical += std::string(name) + ":" + std::string(r.headers.Get(name)) + "\n";
  }
  canonical += "\n" + names + "\n" + Hex(Hash(r.body));
  const std::string time(r.headers.Get("X-Amz-Date"));
  const std::string scope = time.substr(0, 8) + "/eu-west-1/aps/aws4_request";
  const std::string key =
      Hmac(Hmac(Hmac(Hmac("AWS4hush", time.substr(0, 8)), "eu-west-1"), "aps"), "aws4_request");
  const std::string signature =
      Hex(Hmac(key, "AWS4-HMAC-SHA256\n" + time + "\n" + scope + "\n" + Hex(Hash(canonical))));
  return "AWS4-HMAC-SHA256 Credential=AKIA/" + scope + ", SignedHeaders=" + names +
         ", Signature=" + signature;
}

TEST_F(PeerTest, SignsForAws) {
  Peer peer({.sigv4 = AwsOptions{.region = "eu-west-1",
                                 .keys = {.access_key = "AKIA", .secret_key = "hush"}}},
            files_, clock_);
  net::Headers headers;
  headers.Add("Content-Type", "application/x-protobuf");
  const std::string body("\0\xff snappy", 9);
  ASSERT_THAT(peer.Post(receiver_.url() + "/workspaces/a%20b/write?b=1&a=c+d", headers, body,
                        CancelToken()),
              IsOk());
  const net::Request request = receiver_.requests().back();
  EXPECT_EQ(request.body, body);
  EXPECT_EQ(request.headers.Get("X-Amz-Content-Sha256"), Hex(Hash(body)));
  EXPECT_EQ(request.headers.Get("Host"), "127.0.0.1:" + std::to_string(receiver_.port()));
  EXPECT_EQ(request.headers.Get("Authorization"),
            ExpectedAuthorization(request, "/workspaces/a%2520b/write"));
}

TEST_F(PeerTest, SignsWithTheKeysThatItsProfileHasNow) {
  Peer peer({.sigv4 = AwsOptions{.region = "r", .profile = "p", .credentials_file = "/keys"}},
            files_, clock_);
  EXPECT_TRUE(IsWorthSendingAgain(peer.Post(receiver_.url() + "/x", {}, "", CancelToken())));
  for (const std::string key : {"one", "two"}) {
    ASSERT_THAT(files_.AtomicWrite("/keys", "[p]\naws_access_key_id=" + key +
                                                "\naws_secret_access_key=hush\n"
                                                "aws_session_token=while\n"),
                IsOk());
    ASSERT_THAT(peer.Post(receiver_.url() + "/x", {}, "", CancelToken()), IsOk());
    const net::Headers sent = receiver_.requests().back().headers;
    EXPECT_THAT(std::string(sent.Get("Authorization")), HasSubstr("Credential=" + key + "/"));
    EXPECT_THAT(std::string(sent.Get("Authorization")), HasSubstr("x-amz-security-token"));
    EXPECT_EQ(sent.Get("X-Amz-Security-Token"), "while");
  }
}

TEST(PeerOptionsTest, NamesTwoWaysToSayWhoAsks) {
  const struct {
    PeerOptions options;
    const char* text;
  } cases[] = {
      {{.http = {.username = "u"}, .credentials = "c"}, "here are basic_auth and authorization"},
      {{.password_file = "f", .oauth2 = OAuth2Options()}, "here are basic_auth and oauth2"},
      {{.credentials_file = "f", .sigv4 = AwsOptions()}, "here are authorization and sigv4"},
      {{.oauth2 = OAuth2Options(), .sigv4 = AwsOptions()}, "here are oauth2 and sigv4"},
  };
  for (const auto& c : cases) {
    const Status status = CheckPeerOptions(c.options);
    EXPECT_THAT(status, HasCode(StatusCode::kInvalidArgument));
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.text));
  }
}

}  // namespace
}  // namespace skald::notify
