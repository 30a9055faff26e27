#include "net/websocket.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "common/clock.h"
#include "common/mutex.h"
#include "net/http_server.h"
#include "net/raw_client.h"
#include "support/matchers.h"

namespace skald::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::IsOk;

constexpr std::string_view kHandshake =
    "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
    "Origin: http://elsewhere\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

// A frame of a client, masked with zeros.
std::string ClientFrame(uint8_t opcode, std::string_view payload) {
  std::string frame;
  frame.push_back(static_cast<char>(0x80 | opcode));
  frame.push_back(static_cast<char>(0x80 | payload.size()));
  return frame.append(4, '\0').append(payload);
}

// What happens to a WebSocket, for tests to wait for.
class RecordingHandler final : public WebSocketHandler {
 public:
  void OnOpen(std::shared_ptr<WebSocket> socket) override {
    MutexLock lock(mutex_);
    socket_ = std::move(socket);
    changed_.NotifyAll();
  }
  void OnSent() override {
    MutexLock lock(mutex_);
    ++sent_;
    changed_.NotifyAll();
  }
  void OnClosed() override {
    MutexLock lock(mutex_);
    socket_ = nullptr;
    closed_ = true;
    changed_.NotifyAll();
  }

  std::shared_ptr<WebSocket> WaitForOpen() {
    MutexLock lock(mutex_);
    while (socket_ == nullptr) changed_.Wait(mutex_);
    return socket_;
  }
  void WaitForSent(int count) {
    MutexLock lock(mutex_);
    while (sent_ < count) changed_.Wait(mutex_);
  }
  void WaitForClosed() {
    MutexLock lock(mutex_);
    while (!closed_) changed_.Wait(mutex_);
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::shared_ptr<WebSocket> socket_ SKALD_GUARDED_BY(mutex_);
  int sent_ SKALD_GUARDED_BY(mutex_) = 0;
  bool closed_ SKALD_GUARDED_BY(mutex_) = false;
};

class WebSocketTest : public testing::Test {
 protected:
  WebSocketTest() {
    router_.Add({"*"}, "/ws", "ws",
                [this](Request& request) { return UpgradeToWebSocket(request, handler_); });
    router_.Add({"GET"}, "/quick", "quick", [](Request&) { return TextResponse(200, "quick"); });
  }

  HttpServer& Start(HttpServerOptions options) {
    options.address = "127.0.0.1";
    options.handler_threads = 2;
    options.sweep_interval = milliseconds(5);
    server_ =
        std::make_unique<HttpServer>(options, router_, clock_, [this](const RequestRecord& record) {
          if (record.websocket) upgrades_ += record.status == 101;
        });
    EXPECT_THAT(server_->Start(), IsOk());
    return *server_;
  }
  // Pings would come between what tests expect.
  HttpServer& StartWithoutPings() { return Start({.websocket_ping_interval = seconds(3600)}); }

  SystemClock clock_;
  Router router_;
  std::shared_ptr<RecordingHandler> handler_ = std::make_shared<RecordingHandler>();
  std::atomic<int> upgrades_ = 0;
  std::unique_ptr<HttpServer> server_;
};

std::string Refusal(RawClient& client, std::string_view request) {
  const auto answer = client.Ask(request);
  return answer ? std::to_string(answer->status) + " " + answer->body : "none";
}

TEST_F(WebSocketTest, AnswersTheHandshakeOfTheStandardsExample) {
  RawClient client(StartWithoutPings().port());
  const auto answer = client.Ask(kHandshake);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 101);
  EXPECT_EQ(answer->headers.Get("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(upgrades_, 1);
}

TEST_F(WebSocketTest, RefusesRequestsThatAskForNoneAndGoesOn) {
  RawClient client(StartWithoutPings().port());
  for (const std::string_view fields :
       {"", "Connection: Upgrade\r\n", "Connection: Upgrade\r\nUpgrade: h2c\r\n",
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n",
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n"
        "Sec-WebSocket-Version: 8\r\n"}) {
    const std::string request = "GET /ws HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n";
    EXPECT_EQ(Refusal(client, request), "400 Bad Request\n") << fields;
  }
  EXPECT_EQ(Refusal(client, "GET /quick HTTP/1.1\r\nHost: h\r\n\r\n"), "200 quick");
}

TEST_F(WebSocketTest, SendsFramesInOrderAndTellsThatTheyAreSent) {
  StartWithoutPings();
  RawClient client(server_->port());
  ASSERT_TRUE(client.Ask(kHandshake).has_value());
  const auto socket = handler_->WaitForOpen();
  socket->Send("one");
  socket->Send(std::string(300, 'x'));
  handler_->WaitForSent(2);
  socket->Close(kCloseNormal, "bye");
  ASSERT_TRUE(client.Send(ClientFrame(8, std::string("\x03\xe8", 2))));
  EXPECT_EQ(client.ReadToEnd(), std::string("\x81\x03one\x81\x7e\x01\x2c") + std::string(300, 'x') +
                                    "\x88\x05\x03\xe8" + "bye");
  client.EndSending();
  handler_->WaitForClosed();
}

TEST_F(WebSocketTest, CutsAReasonBetweenCharacters) {
  StartWithoutPings();
  RawClient client(server_->port());
  ASSERT_TRUE(client.Ask(kHandshake).has_value());
  std::string reason(122, 'r');
  handler_->WaitForOpen()->Close(kCloseError, reason + "\xc3\xa4 and more");
  ASSERT_TRUE(client.Send(ClientFrame(8, std::string("\x03\xf3", 2))));
  EXPECT_EQ(client.ReadToEnd(), "\x88\x7c\x03\xf3" + reason);
}

TEST_F(WebSocketTest, AnswersPingsAndIgnoresText) {
  StartWithoutPings();
  RawClient client(server_->port());
  ASSERT_TRUE(client.Ask(kHandshake).has_value());
  ASSERT_TRUE(client.Send(ClientFrame(1, "nobody listens") + ClientFrame(9, "echo") +
                          ClientFrame(8, std::string("\x03\xe8", 2))));
  EXPECT_EQ(client.ReadToEnd(),
            std::string("\x8a\x04") + "echo" + std::string("\x88\x02\x03\xe8", 4));
  client.EndSending();
  handler_->WaitForClosed();
}

TEST_F(WebSocketTest, ClosesOnABrokenFrame) {
  StartWithoutPings();
  RawClient client(server_->port());
  ASSERT_TRUE(client.Ask(kHandshake).has_value());
  ASSERT_TRUE(client.Send(std::string("\x81\x01x", 3)));  // Not masked.
  EXPECT_EQ(client.ReadToEnd().substr(0, 4), std::string("\x88\x02\x03\xea", 4));
  client.EndSending();
  handler_->WaitForClosed();
}

TEST_F(WebSocketTest, ClosesOnAMessageThatIsTooLongWithoutWaitingForIt) {
  StartWithoutPings();
  RawClient client(server_->port());
  ASSERT_TRUE(client.Ask(kHandshake).has_value());
  // The header of 1 TiB of text.
  ASSERT_TRUE(client.Send(std::string("\x81\xff\0\0\1\0\0\0\0\0\0\0\0\0", 14)));
  EXPECT_EQ(client.ReadToEnd().substr(0, 4), std::string("\x88\x02\x03\xf1", 4));
  client.EndSending();
  handler_->WaitForClosed();
}

TEST_F(WebSocketTest, NoticesThatThePeerIsGone) {
  StartWithoutPings();
  RawClient client(server_->port());
  ASSERT_TRUE(client.Ask(kHandshake).has_value());
  const auto socket = handler_->WaitForOpen();
  client.Reset();
  handler_->WaitForClosed();
  socket->Send("to nobody");
  socket->Close(kCloseNormal, "");
}

TEST_F(WebSocketTest, EndsAPeerThatAnswersNoPing) {
  Start({.websocket_ping_interval = milliseconds(10), .websocket_timeout = milliseconds(100)});
  RawClient client(server_->port());
  ASSERT_TRUE(client.Ask(kHandshake).has_value());
  handler_->WaitForClosed();
  EXPECT_EQ(client.ReadToEnd().substr(0, 4), std::string("\x89\0\x89\0", 4));
}

TEST_F(WebSocketTest, AStopTellsThePeerAndCutsItIfItDoesNotCloseInTime) {
  StartWithoutPings();
  RawClient client(server_->port());
  ASSERT_TRUE(client.Ask(kHandshake).has_value());
  handler_->WaitForOpen()->Send("text");
  server_->Stop(milliseconds(50));
  handler_->WaitForClosed();
  const std::string all = client.ReadToEnd();
  EXPECT_NE(all.find("the server is stopping"), std::string::npos) << all;
}

}  // namespace
}  // namespace skald::net
