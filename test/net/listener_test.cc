#include "net/listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "net/raw_client.h"
#include "support/matchers.h"

namespace skald::net {
namespace {

using test::HasCode;
using test::IsOk;
using testing::StartsWith;

TEST(ListenerTest, TakesAFreePort) {
  Result<Listener> listener = Listener::Open("127.0.0.1", 0);
  ASSERT_THAT(listener, IsOk());
  EXPECT_NE(listener->port(), 0);
}

TEST(ListenerTest, NamesAddressAndPortOfAPortThatIsTaken) {
  Result<Listener> first = Listener::Open("127.0.0.1", 0);
  ASSERT_THAT(first, IsOk());
  const Result<Listener> second = Listener::Open("127.0.0.1", first->port());
  EXPECT_THAT(second, HasCode(StatusCode::kUnavailable));
  EXPECT_EQ(second.status().message(),
            "listen on 127.0.0.1:" + std::to_string(first->port()) + ": address already in use");
}

TEST(ListenerTest, NamesAnUnknownAddress) {
  const Result<Listener> listener = Listener::Open("256.0.0.1.invalid", 1);
  EXPECT_THAT(listener, HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(listener.status().message(), StartsWith("listen on 256.0.0.1.invalid:1: "));
}

TEST(ListenerTest, ShowsIPv4ClientsAsSuchOnEveryInterface) {
  Result<Listener> listener = Listener::Open("", 0);
  ASSERT_THAT(listener, IsOk());
  RawClient client(listener->port());
  Result<AcceptedSocket> accepted = listener->TryAccept();
  ASSERT_THAT(accepted, IsOk());
  ASSERT_GE(accepted->fd, 0);
  EXPECT_THAT(accepted->remote_address, StartsWith("127.0.0.1:"));
  close(accepted->fd);
  accepted = listener->TryAccept();
  ASSERT_THAT(accepted, IsOk());
  EXPECT_EQ(accepted->fd, -1);
}

}  // namespace
}  // namespace skald::net
