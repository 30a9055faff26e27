#include "net/curl_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <memory>

#include "common/clock.h"
#include "common/mutex.h"
#include "net/http_server.h"
#include "support/forward_proxy.h"
#include "support/matchers.h"
#include "support/temp_folder.h"
#include "support/tls_files.h"

namespace skald::net {
namespace {

using test::HasCode;
using test::IsOk;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// A server that says what it was asked: "POST host auth body". Its certificate is for localhost and
// 127.0.0.1; it listens on all of 127.0.0.0/8.
class CurlRequestTest : public testing::Test {
 protected:
  CurlRequestTest() {
    std::signal(SIGPIPE, SIG_IGN);  // As OpenSSL needs it.
    for (const char* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
                             "no_proxy", "NO_PROXY"}) {
      unsetenv(name);
    }
    router_.Add({"*"}, "/echo", "echo", [](Request& r) {
      return TextResponse(200, r.method + " " + std::string(r.headers.Get("Host")) + " " +
                                   std::string(r.headers.Get("Authorization")) + " " + r.body);
    });
    router_.Add({"*"}, "/moved", "moved", [this](Request&) {
      MutexLock lock(mutex_);
      Response response = TextResponse(moved_status_, "elsewhere");
      response.headers.Add("Location", moved_to_);
      return response;
    });
  }

  void Start(bool tls) {
    HttpServerOptions options{.address = "0.0.0.0", .sweep_interval = std::chrono::milliseconds(5)};
    if (tls) {
      options.tls = {.cert = std::string(test::kTestCertificate),
                     .key = std::string(test::kTestKey)};
    }
    server_ = std::make_unique<HttpServer>(options, router_, clock_);
    ASSERT_THAT(server_->Start(), IsOk());
  }

  // "127.0.0.2:PORT".
  std::string Host(const char* name) const {
    return std::string(name) + ":" + std::to_string(server_->port());
  }

  // A client that trusts the server's certificate.
  HttpClientOptions Trusting() const {
    const std::string path = folder_.path() + "/ca.pem";
    std::ofstream(path) << test::kTestCertificate;
    return {.ca_file = path, .max_attempts = 1};
  }

  void Move(int status, const std::string& to) {
    MutexLock lock(mutex_);
    moved_status_ = status;
    moved_to_ = to;
  }

  Result<Response> Post(const HttpClientOptions& options, const std::string& url) {
    HttpClient client(options, clock_);
    ClientRequest request{.method = "POST", .url = url, .body = "body"};
    request.headers.Add("Authorization", "t0k");
    return client.Send(request);
  }

  test::TempFolder folder_;
  SystemClock clock_;
  Router router_;
  Mutex mutex_;
  int moved_status_ SKALD_GUARDED_BY(mutex_) = 307;
  std::string moved_to_ SKALD_GUARDED_BY(mutex_);
  std::unique_ptr<HttpServer> server_;
};

TEST_F(CurlRequestTest, TakesAServersNameForTheHosts) {
  Start(true);
  const std::string url = "https://" + Host("127.0.0.2") + "/echo";
  HttpClientOptions options = Trusting();
  EXPECT_THAT(Post(options, url), HasCode(StatusCode::kUnavailable));
  options.server_name = "localhost";
  const auto answer = Post(options, url);
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->body, "POST " + Host("127.0.0.2") + " t0k body");
}

TEST_F(CurlRequestTest, RefusesACertificateForAnotherThanTheServersName) {
  Start(true);
  HttpClientOptions options = Trusting();
  options.server_name = "receiver.example";
  const auto answer = Post(options, "https://" + Host("127.0.0.1") + "/echo");
  EXPECT_THAT(answer, HasCode(StatusCode::kUnavailable));
  EXPECT_THAT(std::string(answer.status().message()), HasSubstr("'receiver.example'"));
  options.server_name = "no name";
  EXPECT_THAT(Post(options, "https://" + Host("127.0.0.1") + "/echo"),
              HasCode(StatusCode::kInvalidArgument));
}

TEST_F(CurlRequestTest, HasNoUseForAServersNameWithoutTls) {
  Start(false);
  HttpClientOptions options = Trusting();
  options.server_name = "receiver.example";
  const auto answer = Post(options, "http://" + Host("127.0.0.1") + "/echo");
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->body, "POST " + Host("127.0.0.1") + " t0k body");
}

TEST_F(CurlRequestTest, AsksAProxyForAPlainUrl) {
  test::ForwardProxy proxy;
  HttpClientOptions options{
      .proxy_url = "http://" + proxy.address(), .proxy_username = "me", .proxy_password = "secret"};
  options.proxy_headers.Add("X-Team", "hush");
  const auto answer = Post(options, "http://receiver.example/echo?a=b");
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->status, 204);
  ASSERT_EQ(proxy.heads().size(), 1u);
  const std::string head = proxy.heads()[0];
  EXPECT_THAT(head, testing::StartsWith("POST http://receiver.example/echo?a=b HTTP/1.1\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nHost: receiver.example\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nProxy-Authorization: Basic bWU6c2VjcmV0\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nAuthorization: t0k\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("hush")));  // It would be handed on.
}

TEST_F(CurlRequestTest, TunnelsTlsThroughAProxyToTheUrlsHost) {
  Start(true);
  test::ForwardProxy proxy(server_->port());
  HttpClientOptions options = Trusting();
  options.server_name = "localhost";
  options.proxy_url = "http://" + proxy.address();
  options.proxy_headers.Add("X-Team", "blue");
  const auto answer = Post(options, "https://receiver.example:4433/echo");
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->body, "POST receiver.example:4433 t0k body");
  ASSERT_EQ(proxy.heads().size(), 1u);
  EXPECT_THAT(proxy.heads()[0], testing::StartsWith("CONNECT receiver.example:4433 HTTP/1.1\r\n"));
  EXPECT_THAT(proxy.heads()[0], HasSubstr("\r\nX-Team: blue\r\n"));
  EXPECT_THAT(proxy.heads()[0], Not(HasSubstr("t0k")));
  // The name that the client asks the certificate for, as ClientHello has it: with its length.
  ASSERT_EQ(proxy.openings().size(), 1u);
  EXPECT_THAT(proxy.openings()[0], HasSubstr(std::string("\0\0\x09localhost", 12)));
  EXPECT_THAT(proxy.openings()[0], Not(HasSubstr("receiver.example")));
}

TEST_F(CurlRequestTest, PassesTheProxyByWhereItIsNotToBeUsed) {
  Start(false);
  test::ForwardProxy proxy;
  const std::string url = "http://" + Host("127.0.0.1") + "/echo";
  const std::string proxy_url = "http://" + proxy.address();
  EXPECT_EQ(Post({.proxy_url = proxy_url, .no_proxy = "a.example,127.0.0.0/8"}, url)->status, 200);
  EXPECT_THAT(proxy.heads(), IsEmpty());
  EXPECT_EQ(Post({.proxy_url = proxy_url, .no_proxy = "a.example"}, url)->status, 204);
}

TEST_F(CurlRequestTest, HeedsTheEnvironmentUnlessToldOtherwise) {
  Start(false);
  test::ForwardProxy proxy;
  test::ForwardProxy other;
  const std::string url = "http://" + Host("127.0.0.1") + "/echo";
  setenv("http_proxy", ("http://" + proxy.address()).c_str(), 1);
  EXPECT_EQ(Post({}, url)->status, 204);
  EXPECT_EQ(Post({.proxy_from_environment = false}, url)->status, 200);
  setenv("no_proxy", "*", 1);
  EXPECT_EQ(Post({}, url)->status, 200);
  EXPECT_EQ(Post({.proxy_url = "http://" + other.address()}, url)->status, 204);
  unsetenv("http_proxy");
  unsetenv("no_proxy");
  EXPECT_EQ(proxy.heads().size(), 1u);
  EXPECT_EQ(other.heads().size(), 1u);
}

TEST_F(CurlRequestTest, FollowsRedirectsIfToldTo) {
  Start(false);
  const std::string url = "http://" + Host("127.0.0.1") + "/moved";
  for (const int status : {301, 302, 303, 307, 308}) {
    Move(status, "/echo");
    EXPECT_EQ(Post({}, url)->status, status);
    EXPECT_EQ(Post({.follow_redirects = true}, url)->body,
              "POST " + Host("127.0.0.1") + " t0k body");
    // Credentials are for the host that they were given for.
    Move(status, "http://" + Host("127.0.0.2") + "/echo");
    EXPECT_EQ(Post({.follow_redirects = true}, url)->body, "POST " + Host("127.0.0.2") + "  body");
  }
}

TEST_F(CurlRequestTest, GivesUpOnRedirectsInACircle) {
  Start(false);
  Move(307, "/moved");
  EXPECT_THAT(
      Post({.max_attempts = 1, .follow_redirects = true}, "http://" + Host("127.0.0.1") + "/moved"),
      HasCode(StatusCode::kUnavailable));
}

}  // namespace
}  // namespace skald::net
