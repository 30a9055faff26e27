#include "app/process.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "common/clock.h"
#include "net/http_client.h"
#include "support/matchers.h"

namespace skald::app {
namespace {

using test::IsOk;
using testing::HasSubstr;
using testing::Not;

// A server on a free port, with its data in a folder of its own.
class ProcessTest : public testing::Test {
 protected:
  ProcessTest() { std::filesystem::remove_all(folder_); }
  ~ProcessTest() override {
    process_.reset();
    std::filesystem::remove_all(folder_);
  }

  void Start() {
    process_.reset();
    configuration_ = std::make_unique<Configuration>();
    ASSERT_THAT(configuration_->Load(
                    "", false,
                    {"-common.path-prefix=" + folder_, "-server.http-listen-address=127.0.0.1",
                     "-server.http-listen-port=0"}),
                IsOk());
    process_ = std::make_unique<Process>(*configuration_, clock_);
    ASSERT_THAT(process_->Start(), IsOk());
  }

  net::Response Send(const std::string& method, const std::string& path,
                     std::string_view body = "") {
    net::ClientRequest request;
    request.method = method;
    request.url = "http://127.0.0.1:" + std::to_string(process_->http_port()) + path;
    request.headers.Add("Content-Type", "application/json");
    request.body = body;
    request.retry = net::RetryPolicy::kNever;
    auto response = client_.Send(request);
    EXPECT_THAT(response, IsOk());
    return response.ok() ? *std::move(response) : net::Response{.status = 0};
  }
  // Pushes two lines with the times 1 and 2 s after `start`.
  void Push(int64_t start) {
    const std::string second = std::to_string(start + 1) + "000000000";
    const std::string third = std::to_string(start + 2) + "000000000";
    const net::Response response =
        Send("POST", "/loki/api/v1/push",
             R"({"streams":[{"stream":{"app":"a"},"values":[[")" + second +
                 R"(","level=warn first"],[")" + third + R"(","second"]]}]})");
    ASSERT_EQ(response.status, 204) << response.body;
  }
  std::string Query(const std::string& query, int64_t start) {
    return Send("GET", "/loki/api/v1/query_range?query=" + net::EncodeUrlComponent(query) +
                           "&start=" + std::to_string(start) + "&end=" + std::to_string(start + 10))
        .body;
  }

  const SystemClock clock_;
  const std::string folder_ =
      testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name();
  net::HttpClient client_{{}, clock_};
  std::unique_ptr<Configuration> configuration_;
  std::unique_ptr<Process> process_;
  const int64_t start_ = clock_.NowNs() / 1'000'000'000 - 100;
};

TEST_F(ProcessTest, AnswersWhatWasPushed) {
  Start();
  EXPECT_EQ(Send("GET", "/ready").body, "ready\n");
  Push(start_);
  const std::string lines = Query(R"({app="a"} |= "first")", start_);
  EXPECT_THAT(lines, HasSubstr("level=warn first"));
  EXPECT_THAT(lines, HasSubstr(R"("detected_level":"warn")"));
  EXPECT_THAT(lines, Not(HasSubstr("second")));
  EXPECT_THAT(Send("GET", "/loki/api/v1/labels").body,
              HasSubstr(R"("data":["app","service_name"])"));
  EXPECT_THAT(Send("GET", "/metrics").body,
              HasSubstr(R"(route="loki_api_v1_push",status_code="204")"));
}

TEST_F(ProcessTest, ShowsEachEntryOnceAfterARestart) {
  Start();
  Push(start_);
  Start();
  const std::string lines = Query(R"({app="a"})", start_);
  EXPECT_THAT(lines, HasSubstr("first"));
  EXPECT_THAT(lines, HasSubstr(R"("totalEntriesReturned":2)"));
}

TEST_F(ProcessTest, ShowsEachEntryOnceAfterAFlush) {
  Start();
  Push(start_);
  EXPECT_EQ(Send("POST", "/flush/tenant").status, 204);
  EXPECT_THAT(Query(R"({app="a"})", start_), HasSubstr(R"("totalEntriesReturned":2)"));
  Start();
  EXPECT_THAT(Query(R"({app="a"})", start_), HasSubstr(R"("totalEntriesReturned":2)"));
  EXPECT_THAT(
      Send("GET", "/loki/api/v1/index/stats?query=" + net::EncodeUrlComponent(R"({app="a"})")).body,
      HasSubstr(R"("entries":2)"));
}

TEST_F(ProcessTest, PathsAndMethodsThatAreNotThere) {
  Start();
  EXPECT_EQ(Send("GET", "/nope").status, 404);
  EXPECT_EQ(Send("GET", "/loki/api/v1/push").status, 405);
  EXPECT_EQ(Query("{", start_),
            "parse error at line 1, col 2: syntax error: unexpected $end, expecting IDENTIFIER or "
            "}");
}

}  // namespace
}  // namespace skald::app
