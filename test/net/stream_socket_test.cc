#include "net/stream_socket.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <string>

#include "net/raw_client.h"
#include "support/matchers.h"

namespace skald::net {
namespace {

// A connection to ourselves, seen from the accepting side.
class StreamSocketTest : public testing::Test {
 protected:
  StreamSocketTest()
      : listener_(*Listener::Open("127.0.0.1", 0)),
        client_(listener_.port()),
        socket_(io_, Accept()) {}

  AcceptedSocket Accept() {
    for (;;) {
      auto accepted = listener_.TryAccept();
      if (!accepted.ok() || accepted->fd >= 0) return accepted.value();
    }
  }

  // Reads once there is something to read.
  StreamSocket::Moved ReadWhenReady() {
    StreamSocket::Moved moved;
    socket_.WaitForInput([&] { moved = socket_.Read(buffer_, sizeof buffer_); });
    io_.restart();
    io_.run();
    return moved;
  }

  boost::asio::io_context io_;
  Listener listener_;
  RawClient client_;
  StreamSocket socket_;
  char buffer_[64] = {};
};

TEST_F(StreamSocketTest, ReadsWhatHasComeAndNeverWaits) {
  EXPECT_FALSE(socket_.HasInput());
  EXPECT_TRUE(socket_.Read(buffer_, sizeof buffer_).would_block);
  ASSERT_TRUE(client_.Send("hello"));
  EXPECT_EQ(ReadWhenReady().bytes, 5u);
  EXPECT_EQ(std::string(buffer_, 5), "hello");
}

TEST_F(StreamSocketTest, TellsTheEndOfTheStreamFromAnEmptyOne) {
  client_.EndSending();
  const StreamSocket::Moved moved = ReadWhenReady();
  EXPECT_TRUE(moved.ended);
  EXPECT_FALSE(moved.would_block);
}

TEST_F(StreamSocketTest, SendsPartsInOrderUntilThePeersBufferIsFull) {
  const StreamSocket::Moved moved = socket_.Write({"head ", "body"});
  EXPECT_EQ(moved.bytes, 9u);
  const std::string much(1 << 20, 'x');
  StreamSocket::Moved more;
  while (!more.would_block) {
    more = socket_.Write({"", much});
    ASSERT_FALSE(more.ended);
  }
  socket_.Close();
  EXPECT_EQ(client_.ReadToEnd().substr(0, 10), "head bodyx");
}

TEST_F(StreamSocketTest, ForgetsAWaitWhenClosed) {
  bool called = false;
  socket_.WaitForInput([&] { called = true; });
  socket_.Close();
  io_.run();
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace skald::net
