#include "notify/alertmanager_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/matchers.h"

namespace skald::notify {
namespace {

using test::HasCode;
using test::IsOk;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(AlertmanagerSettingsTest, SplitsUrlsAndMovesTheirCredentials) {
  const auto options = CompileAlertmanagers({.url = "http://a:9093/, https://me:p%40ss@b/path"});
  ASSERT_THAT(options, IsOk());
  EXPECT_THAT(options->urls, ElementsAre("http://a:9093", "https://b/path"));
  EXPECT_EQ(options->peers[1].http.username, "me");
  EXPECT_EQ(options->peers[1].http.password, "p@ss");
  EXPECT_EQ(options->api_path, "/api/v2/alerts");
}

TEST(AlertmanagerSettingsTest, KnowsTheOldApi) {
  const auto options = CompileAlertmanagers({.url = "http://a", .v2 = false});
  ASSERT_THAT(options, IsOk());
  EXPECT_EQ(options->api_path, "/api/v1/alerts");
}

TEST(AlertmanagerSettingsTest, NamesTheKeyThatIsWrong) {
  const struct {
    AlertmanagerSettings settings;
    const char* text;
  } cases[] = {
      {{.url = "alertmanager:9093"}, "alertmanager_url: alertmanager:9093: no scheme"},
      {{.queue_capacity = 0}, "notification_queue_capacity"},
      {{.refresh_interval = std::chrono::seconds(0)}, "alertmanager_refresh_interval"},
      {{.url = "http://a", .peer = {.http = {.username = "u"}, .credentials = "c"}},
       "alertmanager_client: at most"},
      {{.url = "http://a", .peer = {.http = {.cert_file = "c"}}}, "certificate and its key"},
      {{.relabel_configs = ParseYaml("[{action: dance}]").value()},
       "alert_relabel_configs: relabel rule 1: unknown relabel action \"dance\""},
  };
  for (const auto& c : cases) {
    const auto options = CompileAlertmanagers(c.settings);
    EXPECT_THAT(options, HasCode(StatusCode::kInvalidArgument)) << c.text;
    EXPECT_THAT(std::string(options.status().message()), HasSubstr(c.text));
  }
}

TEST(AlertmanagerSettingsTest, TakesFromATenantWhatItNames) {
  const AlertmanagerSettings all{.url = "http://all", .queue_capacity = 7};
  const auto own = ParseYaml(
      "alertmanager_url: http://own\nnotification_timeout: 3s\n"
      "alertmanager_client: {basic_auth_username: me}\n");
  ASSERT_THAT(own, IsOk());
  const auto merged = MergeAlertmanagers(all, *own);
  ASSERT_THAT(merged, IsOk());
  EXPECT_EQ(merged->url, "http://own");
  EXPECT_EQ(merged->peer.http.timeout, std::chrono::seconds(3));
  EXPECT_EQ(merged->peer.http.username, "me");
  EXPECT_EQ(merged->queue_capacity, 7);
}

TEST(AlertmanagerSettingsTest, RefusesATenantsUnknownKey) {
  const auto own = ParseYaml("alertmanager_ulr: http://own");
  EXPECT_THAT(MergeAlertmanagers({}, own.value()), HasCode(StatusCode::kInvalidArgument));
}

TEST(AlertmanagerSettingsTest, IsReadFromYamlAndFlags) {
  AlertmanagerSettings read;
  Settings settings;
  AddAlertmanagerSettings(settings, "ruler.", &read);
  std::vector<std::string> ignored;
  ASSERT_THAT(settings.ReadYaml("ruler: {alertmanager_client: {type: Token}}", "f", {}, ignored),
              IsOk());
  ASSERT_THAT(settings.ReadFlags({"-ruler.alertmanager-url=http://x"}, ignored), IsOk());
  EXPECT_EQ(read.peer.authorization_type, "Token");
  EXPECT_EQ(read.url, "http://x");
}

}  // namespace
}  // namespace skald::notify
