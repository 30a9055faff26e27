#include "notify/alert.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace skald::notify {
namespace {

TEST(AlertTest, WritesWhatAlertmanagerReads) {
  const std::vector<Alert> alerts = {{.labels = {{"alertname", "A"}, {"quote", "\"<"}},
                                      .annotations = {{"summary", "too many"}},
                                      .starts_at = 1'700'000'000'500'000'000,
                                      .ends_at = 1'700'000'240'000'000'000,
                                      .generator_url = "http://g/explore?left=x"}};
  std::string json;
  AppendAlertsJson(json, alerts);
  EXPECT_EQ(json, R"([{"labels":{"alertname":"A","quote":"\"\u003c"},)"
                  R"("annotations":{"summary":"too many"},"startsAt":"2023-11-14T22:13:20.5Z",)"
                  R"("endsAt":"2023-11-14T22:17:20Z","generatorURL":"http://g/explore?left=x"}])");
}

TEST(AlertTest, WritesNoAlertsAsAnEmptyList) {
  std::string json;
  AppendAlertsJson(json, {});
  EXPECT_EQ(json, "[]");
}

TEST(AlertTest, LinksToExploreWithTheExpressionEncoded) {
  EXPECT_EQ(ExploreUrl("http://g/", "", "{a=\"b\"}"),
            "http://g/explore?left=%7B%22queries%22%3A%5B%7B%22expr%22%3A%22%7Ba%3D%5C%22b%5C%22%7D"
            "%22%2C%22queryType%22%3A%22range%22%7D%5D%7D");
}

TEST(AlertTest, LinksToTheOwnPageWithTheExpressionEncoded) {
  EXPECT_EQ(PageUrl("http://logs.example/skald/", "sum(rate({a=\"b\"}[5m])) > 1 + 2"),
            "http://logs.example/skald/?query="
            "sum%28rate%28%7Ba%3D%22b%22%7D%5B5m%5D%29%29%20%3E%201%20%2B%202");
}

TEST(AlertTest, LinksToTheDataSourceIfItIsKnown) {
  EXPECT_NE(ExploreUrl("", "u1", "x")
                .find("%22datasource%22%3A%7B%22type%22%3A%22loki%22%2C%22uid%22%3A%22u1%22%7D"),
            std::string::npos);
}

}  // namespace
}  // namespace skald::notify
