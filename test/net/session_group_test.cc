#include "net/session_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "net/session_fixture.h"

namespace skald::net {
namespace {

using std::chrono::seconds;
using testing::StartsWith;

class SessionGroupTest : public SessionTest {
 protected:
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
};

TEST_F(SessionGroupTest, CutsAHeaderThatDoesNotEnd) {
  RawClient client(server_->port());
  ASSERT_TRUE(client.Ask(Get("/echo")));
  ASSERT_TRUE(client.Send("GET /echo HTTP/1.1\r\nHost: h\r\nX: "));
  const std::string answer = ReadToEndAsTimePasses(client);
  // The server may have seen nothing of the request, and then closes without a word.
  EXPECT_TRUE(answer.empty() || answer.substr(0, 12) == "HTTP/1.1 408") << answer;
}

TEST_F(SessionGroupTest, CutsABodyThatDoesNotEnd) {
  RawClient client(server_->port());
  ASSERT_TRUE(
      client.Send("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
                  "Content-Length: 100\r\n\r\n"));
  ASSERT_EQ(client.Read()->status, 100);
  ASSERT_TRUE(client.Send("abc"));
  EXPECT_THAT(ReadToEndAsTimePasses(client), StartsWith("HTTP/1.1 408 Request Timeout\r\n"));
}

TEST_F(SessionGroupTest, ClosesIdleConnections) {
  RawClient silent(server_->port());
  RawClient used(server_->port());
  ASSERT_TRUE(used.Ask(Get("/echo")));
  EXPECT_EQ(ReadToEndAsTimePasses(silent), "");
  EXPECT_EQ(ReadToEndAsTimePasses(used), "");
}

TEST_F(SessionGroupTest, CutsAClientThatDoesNotRead) {
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

}  // namespace
}  // namespace skald::net
