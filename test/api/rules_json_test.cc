#include "api/rules_json.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace skald::api {
namespace {

net::Form Params(std::initializer_list<std::pair<const char*, const char*>> pairs) {
  net::Form form;
  for (const auto& [name, value] : pairs) form.Add(name, value);
  return form;
}

// Two groups: an alert that fires and a recording rule, and one rule that has not run.
std::vector<ruler::GroupStatus> Groups() {
  ruler::RuleStatus alert;
  alert.rule = {.alert = "A",
                .expr = "x",
                .for_duration = std::chrono::seconds(90),
                .labels = {{"sev", "page"}},
                .annotations = {{"s", "\"q\""}}};
  alert.query = "canonical";
  alert.health = ruler::RuleHealth::kOk;
  alert.last_evaluation_ns = 1'500'000'000;
  alert.evaluation_seconds = 0.25;
  alert.state = ruler::AlertState::kFiring;
  ruler::Alert& firing = alert.alerts.emplace_back();
  firing.labels = model::Labels{{"alertname", "A"}, {"app", "web"}};
  firing.annotations = {{"s", "t"}};
  firing.value = 12.5;
  firing.state = ruler::AlertState::kFiring;
  firing.active_at_ns = 1'000'000'000;
  ruler::RuleStatus record;
  record.rule = {.record = "r", .expr = "y"};
  record.query = "y";
  record.health = ruler::RuleHealth::kFailed;
  record.last_error = "no such thing";
  ruler::GroupStatus first{.name_space = "ns", .name = "g", .interval = std::chrono::minutes(1)};
  first.rules = {alert, record};
  ruler::GroupStatus second{.name_space = "other", .name = "h", .limit = 5};
  second.rules = {{.rule = {.alert = "B", .expr = "z"}, .query = "z"}};
  return {first, second};
}

std::string Shown(const net::Form& params) {
  const auto filter = RuleFilter::Read(params);
  return filter.ok() ? RulesJson(Groups(), *filter) : std::string(filter.status().message());
}

TEST(RulesJsonTest, ShowsGroupsAsPrometheusDoes) {
  EXPECT_EQ(
      Shown(Params({{"rule_group", "g"}})),
      R"({"groups":[{"name":"g","file":"ns","rules":[)"
      R"({"state":"firing","name":"A","query":"canonical","duration":90,"labels":{"sev":"page"},)"
      R"("annotations":{"s":"\"q\""},"alerts":[{"labels":{"alertname":"A","app":"web"},)"
      R"("annotations":{"s":"t"},"state":"firing","activeAt":"1970-01-01T00:00:01Z",)"
      R"("value":"1.25e+01"}],"health":"ok","lastError":"","type":"alerting",)"
      R"("lastEvaluation":"1970-01-01T00:00:01.5Z","evaluationTime":0.25},)"
      R"({"name":"r","query":"y","labels":{},"health":"err","lastError":"no such thing",)"
      R"("type":"recording","lastEvaluation":"0001-01-01T00:00:00Z","evaluationTime":0}],)"
      R"("interval":60,"limit":0,"lastEvaluation":"0001-01-01T00:00:00Z","evaluationTime":0}]})");
}

TEST(RulesJsonTest, ARuleThatHasNotRunIsInNoState) {
  EXPECT_NE(Shown(Params({{"file", "other"}})).find(R"("state":"unknown","name":"B")"),
            std::string::npos);
}

TEST(RulesJsonTest, FiltersByWhatIsAskedFor) {
  struct Row {
    net::Form params;
    std::vector<const char*> shown;  // Of the names A, r and B.
  };
  const Row rows[] = {
      {Params({}), {"A", "r", "B"}},
      {Params({{"type", "alert"}}), {"A", "B"}},
      {Params({{"type", "RECORD"}}), {"r"}},
      {Params({{"rule_name", "r"}, {"rule_name", "B"}}), {"r", "B"}},
      {Params({{"rule_name[]", "A"}}), {"A"}},
      {Params({{"rule_group[]", "h"}}), {"B"}},
      {Params({{"file[]", "ns"}, {"type", "record"}}), {"r"}},
      {Params({{"file", "nope"}}), {}},
  };
  for (size_t i = 0; i < std::size(rows); ++i) {
    const std::string json = Shown(rows[i].params);
    for (const char* name : {"A", "r", "B"}) {
      const bool wanted = std::find(rows[i].shown.begin(), rows[i].shown.end(),
                                    std::string_view(name)) != rows[i].shown.end();
      const std::string member = R"("name":")" + std::string(name) + R"(","query")";
      EXPECT_EQ(json.find(member) != std::string::npos, wanted) << "row " << i << " " << name;
    }
  }
  EXPECT_EQ(Shown(Params({{"type", "x"}})), "not supported value \"x\"");
}

TEST(RulesJsonTest, ListsTheAlertsOfAllGroups) {
  EXPECT_EQ(AlertsJson(Groups()),
            R"({"alerts":[{"labels":{"alertname":"A","app":"web"},"annotations":{"s":"t"},)"
            R"("state":"firing","activeAt":"1970-01-01T00:00:01Z","value":"1.25e+01"}]})");
}

TEST(RulesJsonTest, WritesValuesAsGoDoes) {
  auto groups = Groups();
  double& value = groups[0].rules[0].alerts[0].value;
  const std::pair<double, const char*> rows[] = {
      {0, "0e+00"},
      {-1e-7, "-1e-07"},
      {std::numeric_limits<double>::infinity(), "+Inf"},
      {-std::numeric_limits<double>::infinity(), "-Inf"},
      {std::numeric_limits<double>::quiet_NaN(), "NaN"},
  };
  for (const auto& [number, text] : rows) {
    value = number;
    EXPECT_NE(AlertsJson(groups).find("\"value\":\"" + std::string(text) + "\""), std::string::npos)
        << text;
  }
}

TEST(RulesJsonTest, WrapsAnswersAndErrors) {
  EXPECT_EQ(RulesSuccess("null"), R"({"status":"success","data":null,"errorType":"","error":""})");
  EXPECT_EQ(RulesError("bad_data", "a \"b\""),
            R"({"status":"error","data":null,"errorType":"bad_data","error":"a \"b\""})");
}

}  // namespace
}  // namespace skald::api
