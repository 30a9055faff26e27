#include "app/runtime_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include "common/clock.h"
#include "common/sha256.h"
#include "net/http_server.h"
#include "net/router.h"
#include "support/matchers.h"
#include "support/temp_folder.h"

namespace skald::app {
namespace {

using test::IsOk;
using testing::HasSubstr;
using namespace std::chrono_literals;

class RuntimeConfigTest : public testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = folder_.path() + "/" + name;
    std::ofstream(path) << text;
    return path;
  }

  Status Start(const std::string& files, std::chrono::nanoseconds period = 0s) {
    runtime_ = std::make_unique<RuntimeConfig>(
        RuntimeConfigOptions{.files = files, .period = period}, *files_, clock_, limits_);
    return runtime_->Start();
  }

  int SeriesOf(const std::string& tenant) { return limits_.For(tenant)->max_query_series; }
  double Successful() {
    return Metrics::GetGauge("loki_runtime_config_last_reload_successful",
                             "Whether the last reload of the runtime configuration worked.",
                             {{"config", "loki"}})
        .value();
  }
  template <typename Condition>
  bool Eventually(Condition condition) {
    for (int i = 0; i < 500 && !condition(); ++i) std::this_thread::sleep_for(10ms);
    return condition();
  }

  const SystemClock clock_{};
  const test::TempFolder folder_;
  const std::unique_ptr<FileSystem> files_ = MakePosixFileSystem();
  TenantLimits limits_{Limits(), nullptr};
  std::unique_ptr<RuntimeConfig> runtime_;
};

TEST_F(RuntimeConfigTest, NoFilesAreNoError) { EXPECT_THAT(Start(""), IsOk()); }

TEST_F(RuntimeConfigTest, LaterFilesWinMapByMap) {
  const std::string a =
      Write("a", "overrides: {t: {max_query_series: 1}, u: {volume_max_series: 5}}");
  const std::string b =
      Write("b", "overrides: {u: {max_query_series: 2}, t: {max_query_series: 3}}");
  ASSERT_THAT(Start(a + ", " + b), IsOk());
  EXPECT_EQ(SeriesOf("t"), 3);
  EXPECT_EQ(SeriesOf("u"), 2);
  EXPECT_EQ(limits_.For("u")->volume_max_series, 5);
}

TEST_F(RuntimeConfigTest, AFileInErrorAtTheStartIsAnErrorThatNamesIt) {
  EXPECT_THAT(std::string(Start(folder_.path() + "/none").message()), HasSubstr("none"));
  const std::string bad = Write("bad", "overrides: {t: {max_query_series: x}}");
  EXPECT_THAT(std::string(Start(bad).message()), HasSubstr(bad));
  const std::string broken = Write("broken", "overrides: {t");
  EXPECT_THAT(std::string(Start(broken).message()), HasSubstr(broken));
}

TEST_F(RuntimeConfigTest, AReloadInErrorLeavesWhatWasInForce) {
  const std::string file = Write("a", "overrides: {t: {max_query_series: 1}}");
  ASSERT_THAT(Start(file, 10ms), IsOk());
  EXPECT_EQ(Successful(), 1);
  Write("a", "nonsense: true");
  EXPECT_TRUE(Eventually([&] { return Successful() == 0; }));
  EXPECT_EQ(SeriesOf("t"), 1);
  Write("a", "overrides: {t: {max_query_series: 2}}");
  EXPECT_TRUE(Eventually([&] { return SeriesOf("t") == 2 && Successful() == 1; }));
}

TEST_F(RuntimeConfigTest, TheHashIsThatOfWhatIsInForceAlone) {
  const std::string first = "overrides: {t: {max_query_series: 1}}";
  const std::string second = "overrides: {t: {max_query_series: 2}}";
  const auto hash = [](const std::string& text) {
    return "loki_runtime_config_hash{config=\"loki\",sha256=\"" + Sha256Hex(text) + "\"} 1\n";
  };
  ASSERT_THAT(Start(Write("a", first), 10ms), IsOk());
  EXPECT_THAT(Metrics::Expose(), HasSubstr(hash(first)));
  Write("a", second);
  EXPECT_TRUE(Eventually([&] { return SeriesOf("t") == 2; }));
  EXPECT_TRUE(Eventually([&] {
    const std::string text = Metrics::Expose();
    return text.find(hash(second)) != text.npos && text.find(Sha256Hex(first)) == text.npos;
  }));
}

TEST_F(RuntimeConfigTest, ReadsUrls) {
  net::Router router;
  router.Add(
      {"GET"}, "/good", "good",
      [](net::Request&) { return net::TextResponse(200, "overrides: {t: {max_query_series: 4}}"); },
      {});
  net::HttpServerOptions options;
  options.address = "127.0.0.1";
  options.port = 0;
  net::HttpServer server(options, router, clock_, [](const net::RequestRecord&) {});
  ASSERT_THAT(server.Start(), IsOk());
  const std::string base = "http://127.0.0.1:" + std::to_string(server.port());
  EXPECT_THAT(Start(base + "/good"), IsOk());
  EXPECT_EQ(SeriesOf("t"), 4);
  EXPECT_THAT(std::string(Start(base + "/bad").message()), HasSubstr("HTTP status 404"));
  server.Stop(1s);
}

}  // namespace
}  // namespace skald::app
