#include "net/grpc_host.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/mutex.h"
#include "support/grpc_caller.h"
#include "support/matchers.h"

namespace skald::net {
namespace {

using test::GrpcCaller;
using test::HasCode;
using test::IsOk;
using testing::HasSubstr;

class GrpcHostTest : public testing::Test {
 protected:
  GrpcHostTest() {
    host_.Add("/test.Echo/Say", [](Request& request) -> Result<std::string> {
      return std::string(request.headers.Get("X-Scope-OrgID")) + " says " + request.body;
    });
    host_.Add("/test.Echo/Refuse", [](Request& request) -> Result<std::string> {
      return request.body == "limit" ? ResourceExhausted("too much") : InvalidArgument("no");
    });
  }

  void SetUp() override { ASSERT_THAT(host_.Start(), IsOk()); }

  Executor executor_{"grpc", 2};
  GrpcHost host_{{.address = "127.0.0.1", .port = 0, .max_receive_bytes = 1000}, executor_};
};

TEST_F(GrpcHostTest, HandsMessageAndMetadataToTheMethod) {
  const GrpcCaller::Reply reply =
      GrpcCaller(host_.port()).Call("/test.Echo/Say", "hello", {{"x-scope-orgid", "t1"}});
  EXPECT_TRUE(reply.status.ok()) << reply.status.error_message();
  EXPECT_EQ(reply.message, "t1 says hello");
}

TEST_F(GrpcHostTest, UnpacksGzip) {
  const std::string text(900, 'x');
  const GrpcCaller::Reply reply = GrpcCaller(host_.port()).Call("/test.Echo/Say", text, {}, true);
  EXPECT_EQ(reply.message, " says " + text);
}

TEST_F(GrpcHostTest, TellsErrorsByTheirCode) {
  GrpcCaller caller(host_.port());
  const GrpcCaller::Reply refused = caller.Call("/test.Echo/Refuse", "x");
  EXPECT_EQ(refused.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(refused.status.error_message(), "no");
  EXPECT_EQ(refused.status.error_details(), "");
  EXPECT_EQ(caller.Call("/test.Echo/Other", "x").status.error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(GrpcHostTest, TellsClientsToTryAgainAfterALimit) {
  const GrpcCaller::Reply reply = GrpcCaller(host_.port()).Call("/test.Echo/Refuse", "limit");
  EXPECT_EQ(reply.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(reply.status.error_details(), HasSubstr("google.rpc.RetryInfo"));
}

TEST_F(GrpcHostTest, RefusesMessagesThatAreTooLarge) {
  const GrpcCaller::Reply reply =
      GrpcCaller(host_.port()).Call("/test.Echo/Say", std::string(1001, 'x'));
  EXPECT_EQ(reply.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(GrpcHostTest, NamesTheSettingWhenThePortIsTaken) {
  GrpcHost second({.address = "127.0.0.1", .port = host_.port()}, executor_);
  const Status status = second.Start();
  EXPECT_THAT(status, HasCode(StatusCode::kUnavailable));
  EXPECT_THAT(std::string(status.message()), HasSubstr("server.grpc_listen_port"));
}

TEST_F(GrpcHostTest, TellsTheObserverOfEachCall) {
  Mutex mutex;
  std::vector<std::string> seen;
  GrpcHost host({.address = "127.0.0.1", .port = 0}, executor_, [&](const RequestRecord& record) {
    MutexLock lock(mutex);
    seen.push_back(std::string(record.route) + " " + std::string(record.method) + " " +
                   std::to_string(record.status) + " " + std::to_string(record.request_bytes) +
                   " " + std::to_string(record.response_bytes));
  });
  host.Add("/test.Echo/Say", [](Request& request) -> Result<std::string> {
    if (request.body == "no") return InvalidArgument("no");
    return std::string("reply");
  });
  ASSERT_THAT(host.Start(), IsOk());
  GrpcCaller caller(host.port());
  caller.Call("/test.Echo/Say", "hello");
  caller.Call("/test.Echo/Say", "no");
  caller.Call("/made.Up/Path", "x");
  host.Stop(std::chrono::seconds(5));
  EXPECT_EQ(seen,
            (std::vector<std::string>{"/test.Echo/Say gRPC 200 5 5", "/test.Echo/Say gRPC 400 2 0",
                                      "notfound gRPC 501 0 0"}));
}

TEST_F(GrpcHostTest, AnswersNoMoreAfterItsStop) {
  const uint16_t port = host_.port();
  host_.Stop(std::chrono::seconds(1));
  host_.Stop(std::chrono::seconds(1));
  EXPECT_EQ(GrpcCaller(port).Call("/test.Echo/Say", "x").status.error_code(),
            grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace skald::net
