#include "notify/aws_signature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skald::notify {
namespace {

using testing::HasSubstr;

const AwsKeys kKeys = {.access_key = "AKIDEXAMPLE",
                       .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"};
const AwsScope kScope = {.region = "us-east-1", .service = "service"};

// The cases that AWS publishes for Signature Version 4, by their names there.
TEST(AwsSignatureTest, SignsTheKnownRequests) {
  const struct {
    const char* name;
    const char* method;
    const char* target;
    const char* signature;
  } cases[] = {
      {"get-vanilla", "GET", "/",
       "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
      {"post-vanilla", "POST", "/",
       "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
      {"get-vanilla-query-order-key-case", "GET", "/?Param2=value2&Param1=value1",
       "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
  };
  for (const auto& c : cases) {
    net::ClientRequest request{.method = c.method,
                               .url = "https://example.amazonaws.com" + std::string(c.target)};
    request.headers.Add("X-Amz-Date", "20150830T123600Z");
    request.headers.Add("host", "example.amazonaws.com");
    EXPECT_EQ(AwsAuthorization(kKeys, kScope, request),
              "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
              "SignedHeaders=host;x-amz-date, Signature=" +
                  std::string(c.signature))
        << c.name;
  }
}

TEST(AwsSignatureTest, LeavesOutTheSchemesOwnPort) {
  const struct {
    const char* url;
    const char* host;
  } cases[] = {
      {"https://a.example:443/p", "a.example"},
      {"https://a.example:80/p", "a.example:80"},
      {"http://a.example:80", "a.example"},
      {"http://[::1]:9090?x=y", "[::1]:9090"},
  };
  for (const auto& c : cases) {
    net::ClientRequest request{.method = "POST", .url = c.url};
    SignForAws(kKeys, kScope, 1'440'938'160'000'000'000, request);
    EXPECT_EQ(request.headers.Get("Host"), c.host);
    EXPECT_EQ(request.headers.Get("X-Amz-Date"), "20150830T123600Z");
    EXPECT_FALSE(request.headers.Has("X-Amz-Security-Token"));
  }
}

TEST(AwsSignatureTest, CoversWhatItSays) {
  const auto sign = [](const char* body, const char* type, const char* other) {
    net::ClientRequest request{.method = "POST", .url = "https://a.example/p", .body = body};
    request.headers.Add("Content-Type", type);
    request.headers.Add("X-Other", other);
    SignForAws(kKeys, kScope, 0, request);
    return std::string(request.headers.Get("Authorization"));
  };
  const std::string signature = sign("b", "t", "o");
  EXPECT_THAT(signature,
              HasSubstr("SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date,"));
  EXPECT_NE(sign("c", "t", "o"), signature);
  EXPECT_NE(sign("b", "u", "o"), signature);
  EXPECT_EQ(sign("b", "  t ", "p"), signature);
}

}  // namespace
}  // namespace skald::notify
