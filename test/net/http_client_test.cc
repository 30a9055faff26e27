#include "net/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "common/clock.h"
#include "common/compress.h"
#include "net/http_server.h"
#include "support/matchers.h"

namespace skald::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::HasCode;
using test::IsOk;
using testing::HasSubstr;

class HttpClientTest : public testing::Test {
 protected:
  HttpClientTest() {
    router_.Add({"*"}, "/echo", "echo", [this](Request& request) {
      {
        std::lock_guard lock(mutex_);
        peers_.insert(request.remote_address);
      }
      Response response = TextResponse(
          200, request.method + " " + std::string(request.headers.Get("X-A")) + " " + request.body);
      response.headers.Add("X-Query", request.query);
      return response;
    });
    // Fails as often as it is told to.
    router_.Add({"*"}, "/flaky", "flaky", [this](Request&) {
      return ++attempts_ > failures_ ? TextResponse(200, "at last") : TextResponse(503, "not yet");
    });
    router_.Add({"GET"}, "/large", "large", [](Request& request) {
      Response response = TextResponse(200, std::string(100'000, 'x'));
      response.compressible = true;
      response.headers.Add("X-Accepts", request.headers.Get("Accept-Encoding"));
      return response;
    });
    router_.Add({"GET"}, "/slow", "slow", [](Request& request) {
      while (!request.cancel.cancelled()) {
        std::this_thread::yield();
      }
      return Response{};
    });
  }

  void SetUp() override { ASSERT_THAT(server_.Start(), IsOk()); }

  std::string Url(std::string_view target) const {
    return "http://127.0.0.1:" + std::to_string(server_.port()) + std::string(target);
  }

  Router router_;
  SystemClock clock_;
  HttpServer server_{{.address = "127.0.0.1", .handler_threads = 4}, router_, clock_};
  HttpClient client_{{.min_backoff = milliseconds(1)}, clock_};
  std::mutex mutex_;
  std::set<std::string> peers_;
  std::atomic<int> attempts_ = 0;
  std::atomic<int> failures_ = 0;
};

TEST_F(HttpClientTest, SendsMethodFieldsAndBody) {
  for (const char* method : {"GET", "POST", "PUT", "DELETE", "PATCH"}) {
    ClientRequest request{.method = method, .url = Url("/echo?a=b%20c"), .body = "body"};
    request.headers.Add("X-A", "1");
    const Result<Response> response = client_.Send(request);
    ASSERT_THAT(response, IsOk());
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, std::string(method) + " 1 body");
    EXPECT_EQ(response->headers.Get("x-query"), "a=b%20c");
  }
}

TEST_F(HttpClientTest, SendsWithoutABody) {
  EXPECT_EQ(client_.Send({.url = Url("/echo")})->body, "GET  ");
  EXPECT_EQ(client_.Send({.method = "POST", .url = Url("/echo")})->body, "POST  ");
  const Result<Response> head = client_.Send({.method = "HEAD", .url = Url("/echo")});
  ASSERT_THAT(head, IsOk());
  EXPECT_EQ(head->body, "");
  EXPECT_EQ(head->headers.Get("Content-Length"), "6");
}

TEST_F(HttpClientTest, SendsALargeBodyAsItIs) {
  std::string body(5 << 20, '\0');
  for (size_t i = 0; i < body.size(); ++i) {
    body[i] = static_cast<char>(i * 131);
  }
  const Result<Response> response =
      client_.Send({.method = "PUT", .url = Url("/echo"), .body = body});
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->body, "PUT  " + body);
}

TEST_F(HttpClientTest, UsesAConnectionAgain) {
  for (int i = 0; i < 10; ++i) {
    ASSERT_THAT(client_.Send({.url = Url("/echo")}), IsOk());
  }
  EXPECT_EQ(peers_.size(), 1u);
}

TEST_F(HttpClientTest, UndoesGzip) {
  const Result<Response> response = client_.Send({.url = Url("/large")});
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->headers.Get("X-Accepts"), "gzip");
  EXPECT_EQ(response->body, std::string(100'000, 'x'));
  EXPECT_EQ(client_.Send({.url = Url("/large"), .accept_gzip = false})->headers.Get("X-Accepts"),
            "");
}

TEST_F(HttpClientTest, TriesIdempotentRequestsAgain) {
  failures_ = 2;
  const Result<Response> response = client_.Send({.url = Url("/flaky")});
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->body, "at last");
  EXPECT_EQ(attempts_, 3);
}

TEST_F(HttpClientTest, GivesTheLastAnswerWhenAllAttemptsFail) {
  failures_ = 100;
  EXPECT_EQ(client_.Send({.url = Url("/flaky")})->status, 503);
  EXPECT_EQ(attempts_, 3);
}

TEST_F(HttpClientTest, TriesAPostAgainOnlyWhenAllowed) {
  failures_ = 1;
  EXPECT_EQ(client_.Send({.method = "POST", .url = Url("/flaky")})->status, 503);
  attempts_ = 0;
  EXPECT_EQ(
      client_.Send({.method = "POST", .url = Url("/flaky"), .retry = RetryPolicy::kAlways})->status,
      200);
}

TEST_F(HttpClientTest, NamesTheServerItCannotReach) {
  const std::string url = Url("/echo?token=secret");
  server_.Stop(seconds(1));
  const Result<Response> response = client_.Send({.url = url});
  EXPECT_THAT(response, HasCode(StatusCode::kUnavailable));
  EXPECT_THAT(response.status().message(), HasSubstr("GET http://127.0.0.1:"));
  EXPECT_THAT(response.status().message(), Not(HasSubstr("secret")));
}

TEST_F(HttpClientTest, GivesUpAtTheDeadline) {
  const Result<Response> response =
      client_.Send({.url = Url("/slow"), .timeout = milliseconds(30)});
  EXPECT_THAT(response, HasCode(StatusCode::kDeadlineExceeded));
}

TEST_F(HttpClientTest, GivesUpWhenCancelled) {
  CancelToken cancel;
  std::thread canceller([&] { cancel.Cancel(); });
  EXPECT_THAT(client_.Send({.url = Url("/slow")}, cancel), HasCode(StatusCode::kCancelled));
  canceller.join();
}

TEST_F(HttpClientTest, RefusesWhatCannotBeSent) {
  EXPECT_THAT(client_.Send({.url = "ftp://127.0.0.1/"}), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(client_.Send({.url = "not a url"}), HasCode(StatusCode::kInvalidArgument));
  ClientRequest request{.url = Url("/echo")};
  request.headers.Add("X-A", "1\r\nX-B: 2");
  EXPECT_THAT(client_.Send(request), HasCode(StatusCode::kInvalidArgument));
}

TEST(RetryAfterTest, IsInSecondsOrADate) {
  constexpr int64_t kNowNs = 784'111'777 * int64_t{1'000'000'000};  // That of the dates.
  const struct {
    const char* text;
    std::optional<seconds> pause;
  } cases[] = {
      {"", std::nullopt},
      {"soon", std::nullopt},
      {"-1", std::nullopt},
      {"0", seconds(0)},
      {"120", seconds(120)},
      {"Sun, 06 Nov 1994 08:50:37 GMT", seconds(60)},
      {"Sunday, 06-Nov-94 08:50:37 GMT", seconds(60)},
      {"Sun Nov  6 08:50:37 1994", seconds(60)},
      {"Sun, 06 Nov 1994 08:00:00 GMT", seconds(0)},  // Past.
  };
  for (const auto& c : cases) {
    Response response;
    response.headers.Add("Retry-After", c.text);
    EXPECT_EQ(RetryAfter(response, kNowNs), c.pause) << c.text;
  }
  Response late;
  late.headers.Add("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT");
  EXPECT_GT(RetryAfter(late, kNowNs), seconds(1'000'000));
}

TEST_F(HttpClientTest, BoundsTheAnswerAfterDecompression) {
  HttpClient client({.max_response_bytes = 50'000}, clock_);
  EXPECT_THAT(client.Send({.url = Url("/large")}), HasCode(StatusCode::kResourceExhausted));
}

}  // namespace
}  // namespace skald::net
