#include "net/http_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <thread>

#include "common/compress.h"
#include "net/session_fixture.h"

namespace skald::net {
namespace {

using test::IsOk;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

using HttpSessionTest = SessionTest;

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
