#include "notify/alert_sender.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "common/metrics.h"
#include "notify/fake_receiver.h"
#include "support/faulty_file_system.h"
#include "support/manual_clock.h"
#include "support/temp_folder.h"
#include "support/tls_files.h"

namespace skald::notify {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

class AlertSenderTest : public testing::Test {
 protected:
  AlertSender::Options Options(std::string url) {
    return {.alertmanagers = {.url = std::move(url)},
            .tick = milliseconds(5),
            .min_backoff = milliseconds(5),
            .max_backoff = milliseconds(20),
            .look_up = [](const std::string&) -> Result<std::vector<SrvTarget>> {
              return NotFound("no such name");
            }};
  }

  Alert Of(const char* name) {
    return {.labels = {{"alertname", name}, {"team", "x"}}, .updated_at = clock_.NowNs()};
  }

  static double Value(const char* name, const MetricLabels& labels) {
    return Metrics::GetCounter(std::string("loki_prometheus_notifications_") + name, "", labels)
        .value();
  }

  SystemClock clock_;
  test::FaultyFileSystem files_;
  FakeReceiver first_;
  FakeReceiver second_;
};

TEST_F(AlertSenderTest, TellsEveryServer) {
  const StaticLimits limits{Limits()};
  AlertSender sender(Options(first_.url() + "," + second_.url()), limits, files_, clock_);
  sender.Send("t", std::vector{Of("a"), Of("b")});
  for (FakeReceiver* receiver : {&first_, &second_}) {
    ASSERT_TRUE(Eventually([&] { return !receiver->requests().empty(); }));
    const net::Request request = receiver->requests()[0];
    EXPECT_EQ(request.path, "/api/v2/alerts");
    EXPECT_EQ(request.headers.Get("Content-Type"), "application/json");
    EXPECT_THAT(request.body, HasSubstr(R"("alertname":"a")"));
    EXPECT_THAT(request.body, HasSubstr(R"("alertname":"b")"));
  }
}

TEST_F(AlertSenderTest, LooksForAnotherNameInAServersCertificate) {
  const StaticLimits limits{Limits()};
  const test::TempFolder folder;
  std::ofstream(folder.path() + "/ca.pem") << test::kTestCertificate;
  FakeReceiver receiver(
      {.cert = std::string(test::kTestCertificate), .key = std::string(test::kTestKey)});
  // By an address that the certificate is not for.
  AlertSender::Options options = Options("https://127.0.0.2:" + std::to_string(receiver.port()));
  options.alertmanagers.peer.http.ca_file = folder.path() + "/ca.pem";
  options.alertmanagers.peer.http.server_name = "localhost";
  AlertSender sender(options, limits, files_, clock_);
  sender.Send("t", std::vector{Of("a")});
  ASSERT_TRUE(Eventually([&] { return !receiver.requests().empty(); }));
}

TEST_F(AlertSenderTest, TellsAServerThatWasAwayTheLatestState) {
  const StaticLimits limits{Limits()};
  first_.Down();
  AlertSender sender(Options(first_.url() + "," + second_.url()), limits, files_, clock_);
  Alert alert = Of("a");
  alert.annotations = {{"state", "old"}};
  sender.Send("away", std::vector{alert});
  ASSERT_TRUE(Eventually([&] { return second_.requests().size() == 1; }));
  alert.updated_at += 1;
  alert.annotations = {{"state", "new"}};
  sender.Send("away", std::vector{alert});
  ASSERT_TRUE(Eventually([&] { return second_.requests().size() == 2; }));
  first_.Up();
  ASSERT_TRUE(Eventually([&] { return !first_.requests().empty(); }));
  EXPECT_THAT(first_.requests()[0].body, HasSubstr("new"));
  EXPECT_EQ(first_.requests().size(), 1u);
}

TEST_F(AlertSenderTest, TriesAgainAfter500ButNotAfter400) {
  const StaticLimits limits{Limits()};
  AlertSender sender(Options(first_.url()), limits, files_, clock_);
  first_.Answer(net::TextResponse(500, "no"));
  sender.Send("again", std::vector{Of("a")});
  ASSERT_TRUE(Eventually([&] { return first_.requests().size() >= 3; }));
  first_.Answer(net::TextResponse(400, "bad"));
  ASSERT_TRUE(Eventually([&] { return Value("dropped_total", {{"user", "again"}}) == 1; }));
  const size_t requests = first_.requests().size();
  first_.Answer(net::TextResponse(200, ""));
  sender.Send("again", std::vector{Of("b")});
  ASSERT_TRUE(Eventually([&] { return first_.requests().size() == requests + 1; }));
  EXPECT_THAT(first_.requests().back().body, Not(HasSubstr(R"("alertname":"a")")));
}

TEST_F(AlertSenderTest, SendsNoMoreThan64AtOnce) {
  const StaticLimits limits{Limits()};
  AlertSender sender(Options(first_.url()), limits, files_, clock_);
  std::vector<Alert> alerts;
  for (int i = 0; i < 130; ++i) alerts.push_back(Of(std::to_string(i).c_str()));
  sender.Send("many", alerts);
  EXPECT_TRUE(Eventually([&] { return first_.requests().size() == 3; }));
}

TEST_F(AlertSenderTest, RelabelsAndDropsAlerts) {
  const StaticLimits limits{Limits()};
  AlertSender::Options options = Options(first_.url());
  options.alertmanagers.relabel_configs =
      ParseYaml(
          "[{action: labeldrop, regex: team}, "
          "{action: drop, source_labels: [alertname], regex: b}]")
          .value();
  AlertSender sender(options, limits, files_, clock_);
  sender.Send("t", std::vector{Of("b"), Of("a")});
  ASSERT_TRUE(Eventually([&] { return !first_.requests().empty(); }));
  EXPECT_THAT(first_.requests()[0].body, HasSubstr(R"([{"labels":{"alertname":"a"},)"));
}

TEST_F(AlertSenderTest, GivesAlertsTheExternalLabelsThatTheyLackBeforeItRelabels) {
  const StaticLimits limits{Limits()};
  AlertSender::Options options = Options(first_.url());
  options.external_labels = {{"cluster", "c1"}, {"team", "of all"}};
  options.alertmanagers.relabel_configs =
      ParseYaml("[{source_labels: [cluster], target_label: seen}]").value();
  AlertSender sender(options, limits, files_, clock_);
  sender.Send("t", std::vector{Of("a")});
  ASSERT_TRUE(Eventually([&] { return !first_.requests().empty(); }));
  EXPECT_THAT(first_.requests()[0].body,
              HasSubstr(R"([{"labels":{"alertname":"a","cluster":"c1","seen":"c1","team":"x"},)"));
}

TEST_F(AlertSenderTest, SendsATenantsAlertsToItsOwnServer) {
  Limits own;
  own.ruler_alertmanager_config = ParseYaml("alertmanager_url: " + second_.url()).value();
  const StaticLimits limits{own};
  AlertSender sender(Options(first_.url()), limits, files_, clock_);
  sender.Send("t", std::vector{Of("a")});
  ASSERT_TRUE(Eventually([&] { return !second_.requests().empty(); }));
  EXPECT_TRUE(first_.requests().empty());
}

TEST_F(AlertSenderTest, StaysWithTheOldServerWhenATenantsOwnIsWrong) {
  Limits own;
  own.ruler_alertmanager_config = ParseYaml("alertmanager_url: " + first_.url()).value();
  class ChangingLimits final : public LimitsSource {
   public:
    std::shared_ptr<const Limits> For(std::string_view) const override { return limits; }
    std::shared_ptr<const Limits> limits;
  } limits;
  limits.limits = std::make_shared<Limits>(own);
  AlertSender sender(Options(second_.url()), limits, files_, clock_);
  sender.Send("wrong", std::vector{Of("a")});
  own.ruler_alertmanager_config = ParseYaml("alertmanager_ulr: http://x").value();
  limits.limits = std::make_shared<Limits>(own);
  sender.Send("wrong", std::vector{Of("b")});
  EXPECT_TRUE(Eventually([&] {
    return !first_.requests().empty() &&
           first_.requests().back().body.find(R"("alertname":"b")") != std::string::npos;
  }));
  EXPECT_TRUE(second_.requests().empty());
}

TEST_F(AlertSenderTest, KeepsAlertsUntilServersAreDiscovered) {
  const StaticLimits limits{Limits()};
  std::atomic<bool> known = false;
  AlertSender::Options options = Options("http://_http._tcp.am.example/prefix");
  options.alertmanagers.discovery = true;
  options.alertmanagers.url = "http://_http._tcp.am.example";
  options.look_up = [&](const std::string& name) -> Result<std::vector<SrvTarget>> {
    EXPECT_EQ(name, "_http._tcp.am.example");
    if (!known) return NotFound("no such name");
    return std::vector<SrvTarget>{{"127.0.0.1", first_.port()}, {"127.0.0.1", second_.port()}};
  };
  AlertSender sender(options, limits, files_, clock_);
  sender.Send("found", std::vector{Of("a")});
  known = true;
  EXPECT_TRUE(Eventually([&] { return first_.requests().size() == 1; }));
  EXPECT_TRUE(Eventually([&] { return second_.requests().size() == 1; }));
}

TEST_F(AlertSenderTest, LooksServersUpAgainAndLeavesThoseThatAreGone) {
  const StaticLimits limits{Limits()};
  test::ManualClock clock;
  std::atomic<uint16_t> port = first_.port();
  std::atomic<int> look_ups = 0;
  AlertSender::Options options = Options("http://_http._tcp.am.example");
  options.alertmanagers.discovery = true;
  options.alertmanagers.refresh_interval = std::chrono::minutes(1);
  options.look_up = [&](const std::string&) -> Result<std::vector<SrvTarget>> {
    ++look_ups;
    return std::vector<SrvTarget>{{"127.0.0.1", port}};
  };
  AlertSender sender(options, limits, files_, clock);
  const auto send = [&](const char* name) {
    sender.Send("moved",
                std::vector{Alert{.labels = {{"alertname", name}}, .updated_at = clock.NowNs()}});
  };
  send("a");
  ASSERT_TRUE(Eventually([&] { return !first_.requests().empty(); }));
  port = second_.port();
  clock.Advance(std::chrono::seconds(59));
  send("b");
  ASSERT_TRUE(Eventually([&] { return first_.requests().size() == 2; }));
  EXPECT_EQ(look_ups, 1);
  clock.Advance(std::chrono::seconds(2));
  // Until the answer is in force alerts go where they went.
  ASSERT_TRUE(Eventually([&] {
    send("c");
    return !second_.requests().empty();
  }));
  EXPECT_EQ(look_ups, 2);
  send("d");
  ASSERT_TRUE(Eventually(
      [&] { return second_.requests().back().body.find(R"("d")") != std::string::npos; }));
  for (const net::Request& request : first_.requests()) {
    EXPECT_THAT(request.body, Not(HasSubstr(R"("d")")));
  }
}

TEST_F(AlertSenderTest, CountsWhatDoesNotFitTheQueue) {
  const StaticLimits limits{Limits()};
  first_.Down();
  AlertSender::Options options = Options(first_.url());
  options.alertmanagers.queue_capacity = 2;
  AlertSender sender(options, limits, files_, clock_);
  sender.Send("full", std::vector{Of("a"), Of("b"), Of("c")});
  EXPECT_EQ(Value("dropped_total", {{"user", "full"}}), 1);
}

}  // namespace
}  // namespace skald::notify
