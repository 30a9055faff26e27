#include "net/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "common/clock.h"
#include "common/executor.h"
#include "net/raw_client.h"
#include "support/matchers.h"

namespace skald::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::HasCode;
using test::IsOk;

constexpr std::string_view kGet = "GET /quick HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr std::string_view kGetHeld = "GET /held HTTP/1.1\r\nHost: h\r\n\r\n";

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() {
    router_.Add({"GET"}, "/quick", "quick", [](Request&) { return TextResponse(200, "quick"); });
    // Entered, then held until released or cancelled.
    router_.Add({"GET"}, "/held", "held", [this](Request& request) {
      ++entered_;
      while (!released_ && !request.cancel.cancelled()) {
        std::this_thread::yield();
      }
      return TextResponse(200, request.cancel.cancelled() ? "cancelled" : "released");
    });
    router_.Add({"GET"}, "/aside", "aside", [](Request&) { return TextResponse(200, "aside"); },
                {.executor = &aside_});
  }

  void WaitForEntered(int count) {
    while (entered_ < count) {
      std::this_thread::yield();
    }
  }

  Executor aside_{"aside", 1};
  SystemClock clock_;
  Router router_;
  std::atomic<int> entered_ = 0;
  std::atomic<bool> released_ = false;
  HttpServer server_{{.address = "127.0.0.1", .handler_threads = 2}, router_, clock_};
};

TEST_F(HttpServerTest, ConnectionsBeyondTheBoundWaitForOthersToGo) {
  HttpServer server({.address = "127.0.0.1", .max_connections = 1}, router_, clock_);
  ASSERT_THAT(server.Start(), IsOk());
  auto first = std::make_unique<RawClient>(server.port());
  ASSERT_TRUE(first->Ask(kGet).has_value());
  RawClient second(server.port());
  ASSERT_TRUE(second.Send(kGet));
  EXPECT_TRUE(first->Ask(kGet).has_value());  // Long after the other would have been accepted.
  EXPECT_EQ(server.connections(), 1u);
  first.reset();
  const auto answer = second.Read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "quick");
}

TEST_F(HttpServerTest, SaysWhichPortItCannotHave) {
  ASSERT_THAT(server_.Start(), IsOk());
  HttpServer second({.address = "127.0.0.1", .port = server_.port()}, router_, clock_);
  EXPECT_THAT(second.Start(), HasCode(StatusCode::kUnavailable));
}

TEST_F(HttpServerTest, MayBeStoppedTwiceAndWithoutStart) {
  server_.Stop(seconds(1));
  ASSERT_THAT(server_.Start(), IsOk());
  server_.Stop(seconds(1));
  server_.Stop(seconds(1));
}

TEST_F(HttpServerTest, TakesAPortAgainRightAfterAStop) {
  ASSERT_THAT(server_.Start(), IsOk());
  RawClient client(server_.port());
  ASSERT_TRUE(client.Ask(kGet));
  const uint16_t port = server_.port();
  server_.Stop(seconds(1));
  HttpServer second({.address = "127.0.0.1", .port = port}, router_, clock_);
  EXPECT_THAT(second.Start(), IsOk());
}

TEST_F(HttpServerTest, ServesManyClientsAtOnce) {
  ASSERT_THAT(server_.Start(), IsOk());
  std::atomic<int> answers = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int connection = 0; connection < 5; ++connection) {
        RawClient client(server_.port());
        for (int j = 0; j < 20; ++j) {
          const auto response = client.Ask(kGet);
          answers += response && response->body == "quick";
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(answers, 8 * 5 * 20);
}

TEST_F(HttpServerTest, CountsOpenConnections) {
  ASSERT_THAT(server_.Start(), IsOk());
  {
    RawClient one(server_.port());
    RawClient two(server_.port());
    ASSERT_TRUE(one.Ask(kGet));
    ASSERT_TRUE(two.Ask(kGet));
    EXPECT_EQ(server_.connections(), 2u);
  }
  while (server_.connections() != 0) {
    std::this_thread::yield();
  }
}

TEST_F(HttpServerTest, RunsARouteOnItsOwnExecutor) {
  ASSERT_THAT(server_.Start(), IsOk());
  RawClient first(server_.port());
  RawClient second(server_.port());
  RawClient third(server_.port());
  ASSERT_TRUE(first.Send(kGetHeld));
  ASSERT_TRUE(second.Send(kGetHeld));
  WaitForEntered(2);  // Both handler threads are taken.
  EXPECT_EQ(third.Ask("GET /aside HTTP/1.1\r\nHost: h\r\n\r\n")->body, "aside");
  released_ = true;
}

TEST_F(HttpServerTest, FinishesRequestsUnderWayWhenItStops) {
  ASSERT_THAT(server_.Start(), IsOk());
  RawClient busy(server_.port());
  RawClient idle(server_.port());
  ASSERT_TRUE(idle.Ask(kGet));
  ASSERT_TRUE(busy.Send(kGetHeld));
  WaitForEntered(1);
  std::thread stop([&] { server_.Stop(seconds(20)); });
  EXPECT_EQ(idle.ReadToEnd(), "");  // By then the server is draining.
  released_ = true;
  const auto response = busy.Read();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "released");
  EXPECT_EQ(response->headers.Get("Connection"), "close");
  EXPECT_EQ(busy.ReadToEnd(), "");
  stop.join();
  EXPECT_EQ(server_.connections(), 0u);
}

TEST_F(HttpServerTest, CancelsWhatDoesNotFinishInTime) {
  ASSERT_THAT(server_.Start(), IsOk());
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 5; ++i) {  // More than there are threads: some never begin.
    clients.push_back(std::make_unique<RawClient>(server_.port()));
    ASSERT_TRUE(clients.back()->Send(kGetHeld));
  }
  WaitForEntered(2);
  server_.Stop(milliseconds(1));
  for (const auto& client : clients) {
    EXPECT_EQ(client->ReadToEnd(), "");
  }
}

TEST_F(HttpServerTest, StopsWithARequestHalfSent) {
  ASSERT_THAT(server_.Start(), IsOk());
  RawClient client(server_.port());
  ASSERT_TRUE(client.Ask(kGet));
  ASSERT_TRUE(client.Send(kGet.substr(0, 10)));
  server_.Stop(milliseconds(1));
  EXPECT_EQ(client.ReadToEnd(), "");
}

}  // namespace
}  // namespace skald::net
