#include "ruler/alert_maker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/matchers.h"

namespace skald::ruler {
namespace {

using model::Labels;
using test::HasCode;
using test::HasMessage;
using test::IsOk;
using testing::IsEmpty;

constexpr std::string_view kSameLabels =
    "vector contains metrics with the same labelset after applying alert labels";

class AlertMakerTest : public testing::Test {
 protected:
  Result<std::vector<Alert>> Make(const std::vector<EvaluatedSample>& samples) const {
    return AlertMaker(rule_).Make(samples, {.external_labels = external_labels_,
                                            .external_url = external_url_,
                                            .time_ns = 1'500'000'000,
                                            .query = query_});
  }
  Alert MakeOne(const EvaluatedSample& sample) const {
    const auto alerts = Make({sample});
    EXPECT_THAT(alerts, IsOk());
    EXPECT_EQ(alerts->size(), 1u);
    return alerts->at(0);
  }

  Rule rule_{.alert = "Slow"};
  const Labels external_labels_{{"cluster", "c1"}};
  const std::string external_url_ = "http://grafana";
  AlertTemplateData::Query query_;
};

TEST_F(AlertMakerTest, MakesAnAlertOfEachSeriesInTheirOrder) {
  const auto alerts = Make({{.labels = {{"app", "b"}}, .value = 2}, {.labels = {}, .value = 1}});
  ASSERT_THAT(alerts, IsOk());
  ASSERT_EQ(alerts->size(), 2u);
  EXPECT_EQ(alerts->at(0).labels, (Labels{{"alertname", "Slow"}, {"app", "b"}}));
  EXPECT_EQ(alerts->at(0).value, 2);
  EXPECT_EQ(alerts->at(1).labels, (Labels{{"alertname", "Slow"}}));
  EXPECT_EQ(alerts->at(1).value, 1);
}

TEST_F(AlertMakerTest, MakesNoneOfNoSeries) {
  const auto alerts = Make({});
  ASSERT_THAT(alerts, IsOk());
  EXPECT_THAT(*alerts, IsEmpty());
}

TEST_F(AlertMakerTest, ExpandsLabelsAndAnnotations) {
  rule_.labels = {{"severity", "{{ if gt $value 5.0 }}page{{ else }}mail{{ end }}"},
                  {"where", "{{ $externalLabels.cluster }}/{{ $labels.app }}"}};
  rule_.annotations = {{"summary", "{{ $labels.app }} takes {{ $value }} s"},
                       {"link", "{{ $externalURL }}/explore"}};
  const Alert alert = MakeOne({.labels = {{"app", "web"}}, .value = 7});
  EXPECT_EQ(
      alert.labels,
      (Labels{{"alertname", "Slow"}, {"app", "web"}, {"severity", "page"}, {"where", "c1/web"}}));
  EXPECT_EQ(alert.annotations,
            (TextMap{{"link", "http://grafana/explore"}, {"summary", "web takes 7 s"}}));
}

TEST_F(AlertMakerTest, TemplatesAskWhatTheEvaluationIsGivenToAsk) {
  std::string asked;
  query_ = [&](const std::string& expr) -> Result<std::vector<EvaluatedSample>> {
    asked = expr;
    return std::vector<EvaluatedSample>{{.labels = {{"pod", "p"}}, .value = 3}};
  };
  rule_.annotations = {{"worst", "{{ with query \"max(x)\" }}{{ . | first | value }}{{ end }}"}};
  EXPECT_EQ(MakeOne({}).annotations, (TextMap{{"worst", "3"}}));
  EXPECT_EQ(asked, "max(x)");
}

// A rule's label takes the place of the series', but templates still see what the series has; the
// series' name is not one of them, and an alert is called what the rule says.
TEST_F(AlertMakerTest, TheRuleHasTheLastWordOnLabels) {
  rule_.labels = {{"alertname", "Other"},
                  {"app", "{{ $labels.app }}-team"},
                  {"empty", "{{ $labels.__name__ }}"},
                  {"was", "{{ $labels.app }}"}};
  const Alert alert = MakeOne({.labels = {{"__name__", "errors"}, {"app", "web"}}});
  EXPECT_EQ(alert.labels, (Labels{{"alertname", "Slow"}, {"app", "web-team"}, {"was", "web"}}));
}

TEST_F(AlertMakerTest, RefusesTwoAlertsOfTheSameLabels) {
  rule_.labels = {{"pod", "any"}};
  const auto alerts = Make({{.labels = {{"pod", "a"}}}, {.labels = {{"pod", "b"}}}});
  EXPECT_THAT(alerts, HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(alerts, HasMessage(std::string(kSameLabels)));
  // So are those that differ by the name of the series alone.
  EXPECT_THAT(Make({{.labels = {{"__name__", "x"}}}, {.labels = {{"__name__", "y"}}}}),
              HasCode(StatusCode::kInvalidArgument));
}

TEST_F(AlertMakerTest, LeavesOutTextsThatAreNoTemplates) {
  rule_.labels = {{"bad", "{{ $labels.app"}, {"good", "x"}};
  rule_.annotations = {{"bad", "{{ nofunction }}"}, {"good", "y"}};
  const Alert alert = MakeOne({.labels = {{"app", "web"}}});
  EXPECT_EQ(alert.labels, (Labels{{"alertname", "Slow"}, {"app", "web"}, {"good", "x"}}));
  EXPECT_EQ(alert.annotations, (TextMap{{"good", "y"}}));
}

}  // namespace
}  // namespace skald::ruler
