#include "net/exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "common/executor.h"
#include "support/manual_clock.h"

namespace skald::net {
namespace {

using std::chrono::milliseconds;
using test::ManualClock;
using testing::HasSubstr;
using testing::SizeIs;

class ExchangeTest : public testing::Test {
 protected:
  ExchangeTest() {
    router_.Add({"GET", "HEAD"}, "/label/{name}/values", "values", [this](Request& request) {
      clock_.Advance(milliseconds(250));
      return TextResponse(
          200, std::string(request.PathParam("name")) + " for " + request.remote_address);
    });
    router_.Add({"GET"}, "/throw", "throw", [](Request&) -> Response { throw 42; });
    router_.Add({"POST"}, "/take", "take", [](Request& request) {
      const std::string taken = std::move(request.body);
      return Response{.status = 204};
    });
  }

  // Puts `text` through, up to where the body is complete or refused.
  void Put(std::string_view text) {
    while (!text.empty() && exchange_.state() != RequestParser::State::kDone &&
           exchange_.state() != RequestParser::State::kFailed) {
      text.remove_prefix(exchange_.Put(text));
      if (exchange_.header_complete() && !exchange_.body_begun()) {
        exchange_.BeginBody();
      }
    }
  }

  ManualClock clock_;
  Router router_;
  Executor executor_{"test", 1};
  HttpServerOptions options_{.max_body_bytes = 4};
  std::vector<RequestRecord> records_;
  RequestObserver observer_ = [this](const RequestRecord& r) { records_.push_back(r); };
  SessionEnvironment env_{options_, router_, clock_, executor_, observer_};
  CancelToken cancel_;
  Exchange exchange_{env_, "10.0.0.7:5", cancel_};
};

TEST_F(ExchangeTest, RunsTheRoutesHandler) {
  Put("GET /label/a%2Fb/values HTTP/1.1\r\nHost: h\r\n\r\n");
  exchange_.Handle();
  EXPECT_EQ(exchange_.answer_body(), "a/b for 10.0.0.7:5");
  EXPECT_THAT(exchange_.answer_head(), HasSubstr("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(exchange_.keep_alive());
  ASSERT_THAT(records_, SizeIs(1));
  EXPECT_EQ(records_[0].route, "values");
  EXPECT_EQ(records_[0].seconds, 0.25);
  EXPECT_EQ(records_[0].response_bytes, exchange_.answer_body().size());
}

TEST_F(ExchangeTest, GivesHeadTheLengthWithoutTheBody) {
  Put("HEAD /label/a/values HTTP/1.1\r\nHost: h\r\n\r\n");
  exchange_.Handle();
  EXPECT_EQ(exchange_.answer_body(), "");
  EXPECT_THAT(exchange_.answer_head(), HasSubstr("Content-Length: 16\r\n"));
}

TEST_F(ExchangeTest, CountsABodyThatTheHandlerTookAway) {
  Put("POST /take HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody");
  exchange_.Handle();
  ASSERT_THAT(records_, SizeIs(1));
  EXPECT_EQ(records_[0].request_bytes, 4u);
}

TEST_F(ExchangeTest, TurnsWhateverIsThrownIntoA500) {
  Put("GET /throw HTTP/1.1\r\nHost: h\r\n\r\n");
  exchange_.Handle();
  EXPECT_EQ(exchange_.answer_body(), "error while processing request: unknown exception");
  EXPECT_TRUE(exchange_.keep_alive());
}

TEST_F(ExchangeTest, EndsTheConnectionWhileDraining) {
  Put("GET /throw HTTP/1.1\r\nHost: h\r\n\r\n");
  env_.draining = true;
  exchange_.Handle();
  EXPECT_FALSE(exchange_.keep_alive());
  EXPECT_THAT(exchange_.answer_head(), HasSubstr("Connection: close\r\n"));
}

TEST_F(ExchangeTest, RefusesWithWhatTheParserFoundWrong) {
  Put("POST /take HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n");
  ASSERT_EQ(exchange_.state(), RequestParser::State::kFailed);
  exchange_.RefuseUnread();
  EXPECT_EQ(exchange_.answer_body(),
            "request body too large: message size too large than max (5 vs 4)\n");
  EXPECT_FALSE(exchange_.keep_alive());
}

TEST_F(ExchangeTest, KnowsWhatTheClientWaitsFor) {
  Put("POST /take HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n");
  EXPECT_EQ(exchange_.expectation(), Exchange::Expectation::kContinue);
}

// Admits nobody, or keeps what it is to call.
struct TestGate : Gate {
  bool Admit(Request& request, std::function<void()> handle) override {
    request.queue_time = std::chrono::nanoseconds(7);
    if (open) admitted = std::move(handle);
    return open;
  }
  Response Refusal(const Request& request) override {
    return TextResponse(429, "not now, " + request.remote_address);
  }

  bool open = true;
  std::function<void()> admitted;
};

TEST_F(ExchangeTest, LeavesItToTheRoutesGateWhenTheHandlerRuns) {
  TestGate gate;
  router_.Add({"GET"}, "/gated", "gated",
              [](Request& request) {
                return TextResponse(200, std::to_string(request.queue_time.count()));
              },
              {.gate = &gate});
  Put("GET /gated HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(exchange_.Dispatch([&] { exchange_.Handle(); }));
  EXPECT_EQ(exchange_.answer_body(), "");
  gate.admitted();
  EXPECT_EQ(exchange_.answer_body(), "7");
}

TEST_F(ExchangeTest, AnswersWithTheGatesRefusalAndKeepsTheConnection) {
  TestGate gate;
  gate.open = false;
  router_.Add({"GET"}, "/gated", "gated", [](Request&) { return Response(); }, {.gate = &gate});
  Put("GET /gated HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_FALSE(exchange_.Dispatch([&] { exchange_.Handle(); }));
  exchange_.RefuseAtGate();
  EXPECT_EQ(exchange_.answer_body(), "not now, 10.0.0.7:5");
  EXPECT_TRUE(exchange_.keep_alive());
  EXPECT_EQ(records_.at(0).status, 429);
}

}  // namespace
}  // namespace skald::net
