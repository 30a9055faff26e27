#include "net/http_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>
#include <string>
#include <vector>

#include "common/clock.h"
#include "common/compress.h"
#include "net/http_server.h"
#include "net/raw_client.h"
#include "support/manual_clock.h"
#include "support/matchers.h"

namespace skald::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::IsOk;
using test::ManualClock;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

std::string Chunk(std::string_view data) {
  char size[32];
  std::snprintf(size, sizeof size, "%zx\r\n", data.size());
  return size + std::string(data) + "\r\n";
}

std::string Get(std::string_view target, std::string_view fields = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n";
}

std::string Post(std::string_view target, std::string_view body, std::string_view fields = "") {
  return "POST " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n" + std::string(fields) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

struct Seen {
  std::string route;
  int status;
  size_t request_bytes;
  size_t response_bytes;
  bool operator==(const Seen&) const = default;
};

// A server whose routes show what a session does with a request.
class HttpSessionTest : public testing::Test {
 protected:
  HttpSessionTest() {
    router_.Add({"GET", "POST", "HEAD"}, "/echo", "echo", [](Request& request) {
      return TextResponse(200, request.method + " " + request.query + " " + request.body);
    });
    router_.Add({"POST"}, "/length", "length", [](Request& request) {
      return TextResponse(200, std::to_string(request.body.size()));
    });
    router_.Add({"GET"}, "/large", "large", [](Request&) {
      Response response = TextResponse(200, std::string(4 << 20, 'x'));
      response.compressible = true;
      return response;
    });
    router_.Add({"GET"}, "/throw", "throw",
                [](Request&) -> Response { throw std::runtime_error("handler is broken"); });
    router_.Add({"GET"}, "/empty", "empty", [](Request&) { return Response{.status = 204}; });
    router_.Add({"GET"}, "/wait", "wait", [this](Request& request) {
      entered_.set_value();
      const auto left = std::chrono::steady_clock::now() + seconds(20);
      while (!request.cancel.cancelled() && !released_ && std::chrono::steady_clock::now() < left) {
        std::this_thread::yield();
      }
      was_cancelled_.set_value(request.cancel.cancelled());
      return TextResponse(200, "waited");
    });
    router_.Add({"POST"}, "/small", "small",
                [](Request& request) { return TextResponse(200, request.body); },
                {.max_body_bytes = 8});
    router_.Add({"POST"}, "/own", "own", [](Request&) { return Response{}; },
                {.max_body_bytes = 8, .on_refused_body = [](const Request&, const Status& status) {
                   return MakeResponse(413, "application/x",
                                       "own " + std::string(status.message()));
                 }});
    options_.address = "127.0.0.1";
    options_.handler_threads = 4;
    options_.max_body_bytes = 64 << 20;
    options_.sweep_interval = milliseconds(2);
    server_ =
        std::make_unique<HttpServer>(options_, router_, clock_, [this](const RequestRecord& r) {
          std::lock_guard lock(mutex_);
          seen_.push_back({std::string(r.route), r.status, r.request_bytes, r.response_bytes});
        });
  }

  void SetUp() override { ASSERT_THAT(server_->Start(), IsOk()); }

  std::vector<Seen> seen() {
    std::lock_guard lock(mutex_);
    return seen_;
  }

  // Lets time pass, far enough and often enough, until the server acts on it.
  std::string ReadToEndAsTimePasses(RawClient& client) {
    std::atomic<bool> done = false;
    std::thread time([&] {
      while (!done) {
        clock_.Advance(seconds(1));
        std::this_thread::yield();
      }
    });
    std::string all = client.ReadToEnd();
    done = true;
    time.join();
    return all;
  }

  ManualClock clock_;
  Router router_;
  HttpServerOptions options_;
  std::promise<void> entered_;
  std::promise<bool> was_cancelled_;
  std::atomic<bool> released_ = false;
  std::mutex mutex_;
  std::vector<Seen> seen_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpSessionTest, AnswersManyRequestsOnOneConnection) {
  RawClient client(server_->port());
  for (int i = 0; i < 100; ++i) {
    const auto response = client.Ask(Get("/echo?i=" + std::to_string(i)));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, "GET i=" + std::to_string(i) + " ");
    EXPECT_FALSE(response->headers.Has("Connection"));
    EXPECT_TRUE(response->headers.Has("Date"));
  }
}

TEST_F(HttpSessionTest, AnswersPipelinedRequestsInOrder) {
  RawClient client(server_->port());
  std::string all;
  for (int i = 0; i < 500; ++i) {
    all += i % 2 ? Post("/echo", std::to_string(i)) : Get("/echo?" + std::to_string(i));
  }
  ASSERT_TRUE(client.Send(all));
  for (int i = 0; i < 500; ++i) {
    const auto response = client.Read();
    ASSERT_TRUE(response) << i;
    EXPECT_EQ(response->body,
              i % 2 ? "POST  " + std::to_string(i) : "GET " + std::to_string(i) + " ");
  }
}

TEST_F(HttpSessionTest, AnswersARequestSentByteByByte) {
  RawClient client(server_->port());
  const std::string request = Post("/echo?q=1", "body");
  for (const char c : request) {
    ASSERT_TRUE(client.Send({&c, 1}));
  }
  EXPECT_EQ(client.Read()->body, "POST q=1 body");
}

TEST_F(HttpSessionTest, ForgivesEmptyLinesBetweenRequests) {
  RawClient client(server_->port());
  ASSERT_TRUE(client.Send("\r\n" + Post("/echo", "a") + "\r\n\r\n" + Get("/echo")));
  EXPECT_EQ(client.Read()->body, "POST  a");
  EXPECT_EQ(client.Read()->body, "GET  ");
}

TEST_F(HttpSessionTest, ReadsLargeBodies) {
  RawClient client(server_->port());
  const std::string body(40 << 20, 'b');
  EXPECT_EQ(client.Ask(Post("/length", body))->body, std::to_string(body.size()));
  std::string chunked = "POST /length HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 1000; ++i) {
    chunked += Chunk(std::string(static_cast<size_t>(1 + i * 7), 'c'));
  }
  EXPECT_EQ(client.Ask(chunked + "0\r\n\r\n")->body, std::to_string(1000 + 7 * 999 * 500));
}

TEST_F(HttpSessionTest, TellsAClientThatAsksToGoOn) {
  RawClient client(server_->port());
  ASSERT_TRUE(
      client.Send("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
                  "Content-Length: 4\r\n\r\n"));
  EXPECT_EQ(client.Read()->status, 100);
  EXPECT_EQ(client.Ask("body")->body, "POST  body");
}

TEST_F(HttpSessionTest, RefusesBeforeTheClientGoesOn) {
  RawClient client(server_->port());
  const auto response = client.Ask(
      "POST /small HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
      "Content-Length: 9\r\n\r\n");
  EXPECT_EQ(response->status, 413);
  EXPECT_EQ(response->body, "request body too large: message size too large than max (9 vs 8)\n");
  EXPECT_EQ(response->headers.Get("Connection"), "close");
}

TEST_F(HttpSessionTest, RefusesAnExpectationItDoesNotKnow) {
  RawClient client(server_->port());
  EXPECT_EQ(
      client.Ask("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: a-pony\r\nContent-Length: 1\r\n\r\n")
          ->status,
      417);
}

TEST_F(HttpSessionTest, RefusesALargeBodyWhileItIsStillComing) {
  RawClient client(server_->port());
  const auto response = client.Ask(
      "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999\r\n\r\nthe beginning");
  EXPECT_EQ(response->status, 413);
  EXPECT_THAT(response->body, HasSubstr("(99999999999 vs 67108864)\n"));
}

TEST_F(HttpSessionTest, LetsARefusedClientFinishSending) {
  RawClient client(server_->port());
  ASSERT_TRUE(client.Send(Post("/small", std::string(8 << 20, 'x'))));
  EXPECT_EQ(client.Read()->status, 413);
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(HttpSessionTest, RefusesTooManyChunks) {
  RawClient client(server_->port());
  const auto response =
      client.Ask("POST /small HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" +
                 Chunk("1234") + Chunk("56789"));
  EXPECT_EQ(response->status, 413);
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(HttpSessionTest, LetsARouteWordItsRefusal) {
  RawClient client(server_->port());
  const auto response = client.Ask(Post("/own", "123456789"));
  EXPECT_EQ(response->status, 413);
  EXPECT_EQ(response->body, "own request body too large: message size too large than max (9 vs 8)");
  EXPECT_THAT(seen(), ElementsAre(Seen{"own", 413, 0, response->body.size()}));
}

TEST_F(HttpSessionTest, TakesTargetsOfAMebibyte) {
  RawClient client(server_->port());
  const std::string query(1 << 20, 'q');
  const auto response = client.Ask(Get("/echo?" + query));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "GET " + query + " ");
}

TEST_F(HttpSessionTest, RefusesHeadersOverTheLimit) {
  for (const std::string& request : {Get("/echo?" + std::string(2 << 20, 'q')),
                                     Get("/echo", "X: " + std::string(2 << 20, 'x') + "\r\n")}) {
    RawClient client(server_->port());
    const auto response = client.Ask(request);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 431);
    EXPECT_THAT(response->body, StartsWith("request header too large: more than "));
  }
}

TEST_F(HttpSessionTest, RefusesMalformedRequestsAndCloses) {
  const std::string_view rows[] = {
      "hello\r\n\r\n",
      "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: "
      "chunked\r\n\r\nabc",
      "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nnot hex\r\n",
      "GET /echo HTTP/1.1\r\n\r\n",
  };
  for (const std::string_view text : rows) {
    RawClient client(server_->port());
    // What follows a refused request is not read as another one.
    ASSERT_TRUE(client.Send(std::string(text) + Get("/echo")));
    const auto response = client.Read();
    ASSERT_TRUE(response) << text;
    EXPECT_EQ(response->status, 400) << text;
    EXPECT_EQ(response->headers.Get("Connection"), "close");
    client.EndSending();
    EXPECT_EQ(client.ReadToEnd(), "") << text;
  }
}

TEST_F(HttpSessionTest, IgnoresOffersToUpgrade) {
  RawClient client(server_->port());
  const std::string h2c =
      "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
      "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n";
  EXPECT_EQ(client.Ask(Post("/echo", "a", h2c))->body, "POST  a");
  EXPECT_EQ(client.Ask(Get("/echo", h2c))->body, "GET  ");
}

TEST_F(HttpSessionTest, AnswersHeadWithoutABody) {
  RawClient client(server_->port());
  ASSERT_TRUE(client.Send("HEAD /echo HTTP/1.1\r\nHost: h\r\n\r\n"));
  const auto response = client.Read(/*is_head=*/true);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->headers.Get("Content-Length"), "6");
  EXPECT_EQ(client.Ask(Get("/echo"))->body, "GET  ");
}

TEST_F(HttpSessionTest, AnswersUnknownPathsAndMethods) {
  RawClient client(server_->port());
  EXPECT_EQ(client.Ask(Get("/nope"))->body, "404 page not found\n");
  EXPECT_EQ(client.Ask(Post("/empty", "x"))->status, 405);
  EXPECT_EQ(client.Ask(Post("/nope", std::string(1 << 20, 'x')))->status, 404);
}

TEST_F(HttpSessionTest, SendsNoBodyWith204) {
  RawClient client(server_->port());
  const auto response = client.Ask(Get("/empty"));
  EXPECT_EQ(response->status, 204);
  EXPECT_FALSE(response->headers.Has("Content-Length"));
  EXPECT_EQ(client.Ask(Get("/echo"))->body, "GET  ");
}

TEST_F(HttpSessionTest, SpeaksHttp10) {
  RawClient client(server_->port());
  ASSERT_TRUE(client.Send("GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
  EXPECT_EQ(client.Read()->headers.Get("Connection"), "keep-alive");
  ASSERT_TRUE(client.Send("GET /echo HTTP/1.0\r\n\r\n"));
  EXPECT_EQ(client.Read()->headers.Get("Connection"), "close");
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(HttpSessionTest, ClosesWhenAsked) {
  RawClient client(server_->port());
  EXPECT_EQ(client.Ask(Get("/echo", "Connection: close\r\n"))->headers.Get("Connection"), "close");
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(HttpSessionTest, CompressesLargeAnswers) {
  RawClient client(server_->port());
  const auto packed = client.Ask(Get("/large", "Accept-Encoding: gzip\r\n"));
  EXPECT_EQ(packed->headers.Get("Content-Encoding"), "gzip");
  std::string raw;
  ASSERT_THAT(Decompress(Codec::kGzip, packed->body, 8 << 20, raw), IsOk());
  EXPECT_EQ(raw.size(), 4u << 20);
  const auto plain = client.Ask(Get("/large"));
  EXPECT_FALSE(plain->headers.Has("Content-Encoding"));
  EXPECT_EQ(plain->body, raw);
}

TEST_F(HttpSessionTest, TurnsAnExceptionIntoA500) {
  RawClient client(server_->port());
  const auto response = client.Ask(Get("/throw"));
  EXPECT_EQ(response->status, 500);
  EXPECT_EQ(response->body, "error while processing request: handler is broken");
  EXPECT_EQ(client.Ask(Get("/echo"))->status, 200);
}

TEST_F(HttpSessionTest, TellsTheObserverOfEachAnswer) {
  RawClient client(server_->port());
  client.Ask(Post("/length", "12345"));
  client.Ask(Get("/nope"));
  client.Ask("bad\r\n\r\n");
  EXPECT_THAT(seen(), ElementsAre(Seen{"length", 200, 5, 1}, Seen{"notfound", 404, 0, 19},
                                  testing::Field(&Seen::status, 400)));
}

TEST_F(HttpSessionTest, CancelsWhenTheClientResets) {
  RawClient client(server_->port());
  ASSERT_TRUE(client.Send(Get("/wait")));
  entered_.get_future().wait();
  client.Reset();
  EXPECT_TRUE(was_cancelled_.get_future().get());
}

TEST_F(HttpSessionTest, CancelsWhenTheClientEndsItsSideAndStillAnswers) {
  RawClient client(server_->port());
  ASSERT_TRUE(client.Send(Get("/wait")));
  entered_.get_future().wait();
  client.EndSending();
  EXPECT_TRUE(was_cancelled_.get_future().get());
  EXPECT_EQ(client.Read()->body, "waited");
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(HttpSessionTest, KeepsPipelinedBytesWhileItWatchesTheClient) {
  RawClient client(server_->port());
  ASSERT_TRUE(client.Send(Get("/wait")));
  entered_.get_future().wait();
  std::string more;
  for (int i = 0; i < 10'000; ++i) {  // More than is read ahead.
    more += Get("/echo?" + std::to_string(i));
  }
  std::thread sender([&] { EXPECT_TRUE(client.Send(more)); });
  released_ = true;
  EXPECT_EQ(client.Read()->body, "waited");
  EXPECT_FALSE(was_cancelled_.get_future().get());
  for (int i = 0; i < 10'000; ++i) {
    const auto response = client.Read();
    ASSERT_TRUE(response) << i;
    ASSERT_EQ(response->body, "GET " + std::to_string(i) + " ");
  }
  sender.join();
}

TEST_F(HttpSessionTest, CutsAHeaderThatDoesNotEnd) {
  RawClient client(server_->port());
  ASSERT_TRUE(client.Ask(Get("/echo")));
  ASSERT_TRUE(client.Send("GET /echo HTTP/1.1\r\nHost: h\r\nX: "));
  const std::string answer = ReadToEndAsTimePasses(client);
  // The server may have seen nothing of the request, and then closes without a word.
  EXPECT_TRUE(answer.empty() || answer.substr(0, 12) == "HTTP/1.1 408") << answer;
}

TEST_F(HttpSessionTest, CutsABodyThatDoesNotEnd) {
  RawClient client(server_->port());
  ASSERT_TRUE(
      client.Send("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
                  "Content-Length: 100\r\n\r\n"));
  ASSERT_EQ(client.Read()->status, 100);
  ASSERT_TRUE(client.Send("abc"));
  EXPECT_THAT(ReadToEndAsTimePasses(client), StartsWith("HTTP/1.1 408 Request Timeout\r\n"));
}

TEST_F(HttpSessionTest, ClosesIdleConnections) {
  RawClient silent(server_->port());
  RawClient used(server_->port());
  ASSERT_TRUE(used.Ask(Get("/echo")));
  EXPECT_EQ(ReadToEndAsTimePasses(silent), "");
  EXPECT_EQ(ReadToEndAsTimePasses(used), "");
}

TEST_F(HttpSessionTest, CutsAClientThatDoesNotRead) {
  RawClient client(server_->port());
  std::string many;
  for (int i = 0; i < 20; ++i) {
    many += Get("/large");
  }
  ASSERT_TRUE(client.Send(many));
  while (seen().empty()) {
    std::this_thread::yield();
  }
  while (server_->connections() != 0) {
    clock_.Advance(seconds(10));
    std::this_thread::yield();
  }
  EXPECT_LT(seen().size(), 20u);
}

TEST_F(HttpSessionTest, SurvivesClientsThatLeaveAtAnyPoint) {
  const std::string request = Post("/echo", "some body", "Expect: 100-continue\r\n");
  for (size_t cut = 0; cut <= request.size(); ++cut) {
    RawClient client(server_->port());
    client.Send(std::string_view(request).substr(0, cut));
    client.Reset();
  }
  RawClient client(server_->port());
  EXPECT_EQ(client.Ask(Get("/echo"))->status, 200);
}

}  // namespace
}  // namespace skald::net
