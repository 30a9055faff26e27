// Pushes over gRPC into a whole server, and what queries then show of them.

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "app/process.h"
#include "net/http_client.h"
#include "support/grpc_caller.h"
#include "support/matchers.h"
#include "support/otlp_message.h"

namespace skald::app {
namespace {

using test::GrpcCaller;
using test::IsOk;
using testing::HasSubstr;

constexpr char kPush[] = "/logproto.Pusher/Push";
constexpr char kExport[] = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";

class GrpcPushTest : public testing::Test {
 protected:
  GrpcPushTest() { std::filesystem::remove_all(folder_); }
  ~GrpcPushTest() override {
    process_.reset();
    std::filesystem::remove_all(folder_);
  }

  void SetUp() override {
    ASSERT_THAT(configuration_.Load(
                    "", false,
                    {"-common.path-prefix=" + folder_, "-auth.enabled=true",
                     "-server.http-listen-address=127.0.0.1", "-server.http-listen-port=0",
                     "-server.grpc-listen-address=127.0.0.1", "-server.grpc-listen-port=0"}),
                IsOk());
    process_ = std::make_unique<Process>(configuration_, clock_, [] {});
    ASSERT_THAT(process_->Start(), IsOk());
  }

  GrpcCaller::Reply Call(const char* path, const std::string& message, bool gzip = false) {
    return GrpcCaller(process_->grpc_port()).Call(path, message, {{"x-scope-orgid", "t1"}}, gzip);
  }

  std::string Query(const std::string& query) {
    net::ClientRequest request;
    request.url = "http://127.0.0.1:" + std::to_string(process_->http_port()) +
                  "/loki/api/v1/query_range?query=" + net::EncodeUrlComponent(query);
    request.headers.Add("X-Scope-OrgID", "t1");
    const auto response = net::HttpClient({}, clock_).Send(request);
    EXPECT_THAT(response, IsOk());
    return response.ok() ? response->body : "";
  }

  const SystemClock clock_;
  const int64_t now_s_ = clock_.NowNs() / 1'000'000'000;
  const std::string folder_ =
      testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name();
  Configuration configuration_;
  std::unique_ptr<Process> process_;
};

TEST_F(GrpcPushTest, StoresWhatPusherGets) {
  for (const bool gzip : {false, true}) {
    const std::string line = gzip ? "with gzip" : "as it is";
    const GrpcCaller::Reply reply =
        Call(kPush, test::ProtoStream(R"({app="a"})", {test::ProtoEntry(now_s_, 0, line)}), gzip);
    EXPECT_TRUE(reply.status.ok()) << reply.status.error_message();
    EXPECT_EQ(reply.message, "");
    EXPECT_THAT(Query(R"({app="a"})"), HasSubstr(line));
  }
}

TEST_F(GrpcPushTest, StoresWhatLogsServiceGets) {
  const std::string record = test::Fixed64Field(1, static_cast<uint64_t>(now_s_) * 1'000'000'000) +
                             test::OtlpBody(test::OtlpText("a record"));
  const std::string resource =
      test::OtlpResource({test::OtlpKeyValue("service.name", test::OtlpText("shop"))});
  const GrpcCaller::Reply reply =
      Call(kExport, test::OtlpExport(resource + test::OtlpScopeLogs({record})), true);
  EXPECT_TRUE(reply.status.ok()) << reply.status.error_message();
  EXPECT_THAT(Query(R"({service_name="shop"})"), HasSubstr("a record"));
}

TEST_F(GrpcPushTest, TakesAnExportWithoutRecordsForDone) {
  EXPECT_TRUE(Call(kExport, "").status.ok());
  EXPECT_EQ(Call(kPush, "").status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
}

TEST_F(GrpcPushTest, RefusesWhatItCannotRead) {
  for (const char* path : {kPush, kExport}) {
    EXPECT_EQ(Call(path, "no message").status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  }
  const GrpcCaller::Reply old =
      Call(kPush, test::ProtoStream(R"({app="a"})", {test::ProtoEntry(1, 0, "from 1970")}));
  EXPECT_EQ(old.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(old.status.error_message(), HasSubstr("timestamp too old"));
}

TEST_F(GrpcPushTest, WantsATenant) {
  for (const char* path : {kPush, kExport}) {
    const GrpcCaller::Reply reply = GrpcCaller(process_->grpc_port()).Call(path, "");
    EXPECT_EQ(reply.status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
    EXPECT_EQ(reply.status.error_message(), "no org id");
  }
}

}  // namespace
}  // namespace skald::app
