#include "app/process.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

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

  void Start(const std::vector<std::string>& flags = {}) {
    process_.reset();
    configuration_ = std::make_unique<Configuration>();
    std::vector<std::string> all = {"-common.path-prefix=" + folder_,
                                    "-server.http-listen-address=127.0.0.1",
                                    "-server.http-listen-port=0", "-server.grpc-listen-port=0"};
    all.insert(all.end(), flags.begin(), flags.end());
    ASSERT_THAT(configuration_->Load("", false, all), IsOk());
    process_ = std::make_unique<Process>(*configuration_, clock_, [this] { ++terminations_; });
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

  bool HasPacks() const { return std::filesystem::exists(folder_ + "/chunks/packs"); }

  const SystemClock clock_;
  const std::string folder_ =
      testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name();
  net::HttpClient client_{{}, clock_};
  std::unique_ptr<Configuration> configuration_;
  std::atomic<int> terminations_ = 0;
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

TEST_F(ProcessTest, ServesUnderThePrefixAlone) {
  Start({"-server.path-prefix=logs/"});
  EXPECT_EQ(Send("GET", "/logs/ready").status, 200);
  EXPECT_EQ(Send("GET", "/ready").status, 404);
  EXPECT_THAT(Send("GET", "/logs/metrics").body, HasSubstr(R"(route="ready",status_code="200")"));
}

TEST_F(ProcessTest, ServesNoMetricsWithoutInstrumentation) {
  Start({"-server.register-instrumentation=false"});
  EXPECT_EQ(Send("GET", "/metrics").status, 404);
  EXPECT_EQ(Send("GET", "/debug/pprof/").status, 404);
}

TEST_F(ProcessTest, ShowsThePatternIngesterWhereThereIsOne) {
  Start();
  EXPECT_EQ(Send("GET", "/pattern/ring").status, 404);
  EXPECT_THAT(Send("GET", "/services").body, Not(HasSubstr("pattern-ingester")));
  Start({"-pattern-ingester.enabled=true"});
  EXPECT_THAT(Send("GET", "/pattern/ring").body, HasSubstr("ACTIVE"));
  EXPECT_THAT(Send("GET", "/services").body, HasSubstr("pattern-ingester => Running\n"));
}

TEST_F(ProcessTest, StopsTheIngesterOnceWhenAskedTo) {
  Start();
  Push(start_);
  EXPECT_EQ(Send("GET", "/ingester/shutdown?flush=perhaps").status, 400);
  EXPECT_EQ(Send("POST", "/ingester/shutdown?terminate=false&delete_ring_tokens=t").status, 204);
  EXPECT_EQ(terminations_, 0);
  EXPECT_EQ(Send("GET", "/ready").body, "Some services are not Running:\nTerminated: 1\n");
  EXPECT_THAT(Send("GET", "/services").body, HasSubstr("ingester => Terminated\n"));
  EXPECT_THAT(Send("GET", "/ring").body, Not(HasSubstr("ACTIVE")));
  EXPECT_THAT(Send("GET", "/ruler/ring").body, HasSubstr("ACTIVE"));  // Rules are run still.
  EXPECT_THAT(Send("GET", "/metrics").body,
              HasSubstr("loki_ring_members{name=\"ruler\",state=\"ACTIVE\"} 1\n"));
  const net::Response again = Send("POST", "/ingester/shutdown");
  EXPECT_EQ(again.status, 503);
  EXPECT_EQ(again.body, "Ingester is stopping or already stopped.\n");
  EXPECT_THAT(Query(R"({app="a"})", start_), HasSubstr(R"("totalEntriesReturned":2)"));
}

TEST_F(ProcessTest, EndsWithItsIngesterIfNotToldOtherwise) {
  Start();
  EXPECT_EQ(Send("GET", "/ingester/shutdown?flush=0").status, 204);
  EXPECT_EQ(terminations_, 1);
}

TEST_F(ProcessTest, FlushesAtTheNextStopOnceItIsPrepared) {
  const std::vector<std::string> flags = {"-ingester.shutdown-marker-path=" + folder_ + "/marks"};
  Start(flags);
  Push(start_);
  EXPECT_EQ(Send("GET", "/ingester/prepare_shutdown").body, "unset\n");
  EXPECT_EQ(Send("POST", "/ingester/prepare_shutdown").status, 204);
  EXPECT_EQ(Send("GET", "/ingester/prepare_shutdown").body, "set\n");
  EXPECT_FALSE(HasPacks());
  Start(flags);
  EXPECT_EQ(Send("GET", "/ingester/prepare_shutdown").body, "unset\n");
  EXPECT_TRUE(HasPacks());
  EXPECT_THAT(Query(R"({app="a"})", start_), HasSubstr(R"("totalEntriesReturned":2)"));
}

TEST_F(ProcessTest, CannotBePreparedWithoutAPlaceToKeepThat) {
  Start();
  const net::Response response = Send("POST", "/ingester/prepare_shutdown");
  EXPECT_EQ(response.status, 500);
  EXPECT_THAT(response.body, HasSubstr("ingester.shutdown_marker_path"));
  EXPECT_EQ(Send("PUT", "/ingester/prepare_shutdown").status, 405);
  EXPECT_EQ(Send("GET", "/ingester/prepare_partition_downscale").status, 405);
}

}  // namespace
}  // namespace skald::app
