#include "app/notify_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/matchers.h"

namespace skald::app {
namespace {

using test::HasCode;
using test::IsOk;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class NotifyConfigTest : public testing::Test {
 protected:
  // Reads a file of Loki's.
  Status Read(const char* yaml) {
    Settings settings;
    AddNotifyConfig(settings, &config_);
    SKALD_RETURN_IF_ERROR(settings.ReadYaml(yaml, "loki.yaml", {}, ignored_));
    return CompleteNotifyConfig("/data", &config_);
  }

  NotifyConfig config_;
  std::vector<std::string> ignored_;
};

TEST_F(NotifyConfigTest, AlertsLinkToTheOwnPageOnlyWhereNoGrafanaIsSet) {
  ASSERT_THAT(Read("ruler: {}"), IsOk());
  EXPECT_THAT(GeneratorUrl(config_, "x"), StartsWith("/explore?left="));
  ASSERT_THAT(Read("ruler: {page_url: 'http://logs'}"), IsOk());
  EXPECT_EQ(GeneratorUrl(config_, "x"), "http://logs/?query=x");
  ASSERT_THAT(Read("ruler: {page_url: 'http://logs', external_url: 'http://grafana'}"), IsOk());
  EXPECT_THAT(GeneratorUrl(config_, "x"), StartsWith("http://grafana/explore?left="));
}

TEST_F(NotifyConfigTest, ReadsLokisKeys) {
  ASSERT_THAT(Read(R"(
ruler:
  external_url: http://grafana
  datasource_uid: logs
  external_labels: {cluster: c1, zone: 2}
  alertmanager_url: http://am:9093
  alertmanager_client: {basic_auth_username: me, basic_auth_password: secret}
  alert_relabel_configs: [{action: labeldrop, regex: replica}]
  wal: {dir: /wal, max_age: 1h, min_age: 5m}
  remote_write:
    enabled: true
    add_org_id_header: false
    clients: {mimir: {url: 'http://mimir/push'}}
)"),
              IsOk());
  EXPECT_EQ(config_.external_url, "http://grafana");
  EXPECT_EQ(ExternalLabels(config_).ToString(), R"({cluster="c1", zone="2"})");
  EXPECT_EQ(config_.alertmanagers.peer.http.username, "me");
  EXPECT_TRUE(config_.remote_write.enabled);
  EXPECT_FALSE(config_.remote_write.add_org_id_header);
  EXPECT_EQ(config_.remote_write.folder, "/wal");
  EXPECT_EQ(config_.remote_write.max_age, std::chrono::hours(1));
  EXPECT_THAT(ignored_, ElementsAre(HasSubstr("ruler.wal.min_age")));
}

TEST_F(NotifyConfigTest, DoesNotPrintPasswordsAndTokens) {
  Settings settings;
  AddNotifyConfig(settings, &config_);
  const char yaml[] =
      "ruler: {alertmanager_client: {basic_auth_password: hush, credentials: hush-too}}";
  ASSERT_THAT(settings.ReadYaml(yaml, "loki.yaml", {}, ignored_), IsOk());
  EXPECT_EQ(config_.alertmanagers.peer.http.password, "hush");
  EXPECT_EQ(config_.alertmanagers.peer.credentials, "hush-too");
  EXPECT_THAT(settings.PrintAll(), Not(HasSubstr("hush")));
}

TEST_F(NotifyConfigTest, PutsTheQueueBesideTheOtherData) {
  ASSERT_THAT(Read("{}"), IsOk());
  EXPECT_EQ(config_.remote_write.folder, "/data/ruler-wal");
}

TEST_F(NotifyConfigTest, NamesWhatIsWrong) {
  const struct {
    const char* yaml;
    const char* text;
  } cases[] = {
      {"ruler: {alertmanager_url: am}", "ruler: alertmanager_url: am: no scheme"},
      {"ruler: {remote_write: {clients: {a: {}}}}",
       "ruler.remote_write: client a: url is not configured"},
      {"ruler: {external_labels: [a]}", "ruler.external_labels: must be a map"},
      {"ruler: {external_labels: {a-b: c}}",
       "ruler.external_labels: \"a-b\" is not a valid label name"},
      {"ruler: {external_labels: {a: [b]}}", "ruler.external_labels: a must be a text"},
      {"ruler: {remote_write: {clients: {a: {url: 'http://a', azuread: {cloud: x}}}}}",
       "ruler.remote_write: client a: azuread is not supported"},
  };
  for (const auto& c : cases) {
    config_ = NotifyConfig();
    const Status status = Read(c.yaml);
    EXPECT_THAT(status, HasCode(StatusCode::kInvalidArgument)) << c.yaml;
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.text));
  }
}

}  // namespace
}  // namespace skald::app
