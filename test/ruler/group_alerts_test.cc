// How alerts of a group's rules begin, are told, recorded and kept, and end.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "ruler/group_runner_fixture.h"

namespace skald::ruler {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

using GroupAlertsTest = GroupRunnerFixture;

TEST_F(GroupAlertsTest, AnAlertIsSentOnceItFiresAndWhenItEnds) {
  evaluator_.Answer("x", web_);
  const auto runner = Make({alert_});
  Run(*runner, 1010);
  EXPECT_THAT(alerts_.Take(), IsEmpty());
  Run(*runner, 1020);
  const auto fired = alerts_.Take();
  ASSERT_EQ(fired.size(), 1u);
  EXPECT_EQ(fired[0].labels.ToString(), R"({alertname="A", app="web", sev="web!"})");
  EXPECT_EQ(fired[0].annotations, (TextMap{{"s", "5 1"}}));
  EXPECT_EQ(fired[0].starts_at_ns, 1020 * kSecond);
  EXPECT_EQ(fired[0].ends_at_ns, 1260 * kSecond);  // Four delays without being sent again.
  evaluator_.Answer("x", Samples());
  Run(*runner, 1030);
  const auto ended = alerts_.Take();
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].ends_at_ns, 1030 * kSecond);
}

TEST_F(GroupAlertsTest, RecordsTheStateOfAlerts) {
  evaluator_.Answer("x", web_);
  const auto runner = Make({alert_});
  const std::string rest = R"(app="web", sev="web!"})";
  const auto state = [&](const char* name, const std::string& what) {
    return R"({__name__="ALERTS", alertname="A", alertstate=")" + std::string(name) + "\", " +
           rest + " " + what;
  };
  const auto since = [&](const std::string& what) {
    return R"({__name__="ALERTS_FOR_STATE", alertname="A", )" + rest + " " + what;
  };
  Run(*runner, 1010);
  EXPECT_THAT(samples_.Take(),
              UnorderedElementsAre(state("pending", "1 @1010"), since("1010 @1010")));
  Run(*runner, 1020);
  EXPECT_THAT(samples_.Take(), UnorderedElementsAre(state("firing", "1 @1020"), since("1010 @1020"),
                                                    state("pending", "end @1020")));
  evaluator_.Answer("x", Samples());
  Run(*runner, 1030);
  EXPECT_THAT(samples_.Take(),
              UnorderedElementsAre(state("firing", "end @1030"), since("end @1030")));
}

TEST_F(GroupAlertsTest, NoAlertEndsByAnAnswerThatMayBeShort) {
  evaluator_.Answer("x", web_);
  const auto runner = Make({alert_});
  Run(*runner, 1010);
  Run(*runner, 1020);
  alerts_.Take();
  samples_.Take();
  evaluator_.AnswerInPart("x", {}, "pack 7 is unreadable");
  Run(*runner, 1100);
  const RuleStatus status = runner->Snapshot().rules[0];
  EXPECT_EQ(status.health, RuleHealth::kFailed);
  EXPECT_EQ(status.last_error, "pack 7 is unreadable");
  EXPECT_EQ(status.state, AlertState::kFiring);
  const auto told = alerts_.Take();  // Nor do receivers take it for ended.
  ASSERT_EQ(told.size(), 1u);
  EXPECT_GT(told[0].ends_at_ns, 1100 * kSecond);
  EXPECT_THAT(samples_.Take(), testing::Contains(HasSubstr(R"(alertstate="firing")")));
  evaluator_.Answer("x", Samples());
  Run(*runner, 1110);
  EXPECT_EQ(runner->Snapshot().rules[0].state, AlertState::kInactive);
}

TEST_F(GroupAlertsTest, AnAlertFiresByAnAnswerThatMayBeShort) {
  evaluator_.AnswerInPart("x", web_, "pack 7 is unreadable");
  const auto runner = Make({alert_});
  Run(*runner, 1010);
  Run(*runner, 1020);
  EXPECT_EQ(alerts_.Take().size(), 1u);
}

TEST_F(GroupAlertsTest, ATemplateShowsNoAnswerThatMayBeShort) {
  evaluator_.Answer("y", web_);
  evaluator_.AnswerInPart("x", web_, "pack 7 is unreadable");
  const auto runner = Make({{.alert = "A", .expr = "y", .annotations = alert_.annotations}});
  Run(*runner, 1010);
  const auto fired = alerts_.Take();
  ASSERT_EQ(fired.size(), 1u);
  EXPECT_THAT(fired[0].annotations.at("s"), HasSubstr("pack 7 is unreadable"));
}

TEST_F(GroupAlertsTest, AFailureLeavesAlertsAsTheyStandAndTellsThemOn) {
  const struct {
    Result<Samples> answer;
    const char* error;
  } cases[] = {
      {Unavailable("the store is away"), "the store is away"},
      {Samples{{.labels = {{"app", "web"}, {"sev", "a"}}}, {.labels = {{"app", "web"}}}},
       "vector contains metrics with the same labelset after applying alert labels"},
      {Samples(3), "exceeded limit of 2 with 3 alerts"},
  };
  for (const auto& c : cases) {
    evaluator_.Answer("x", web_);
    const auto runner = Make({alert_}, 2);
    Run(*runner, 1010);
    Run(*runner, 1020);
    ASSERT_EQ(alerts_.Take().size(), 1u);
    evaluator_.Answer("x", c.answer);
    Run(*runner, 1100);
    const RuleStatus status = runner->Snapshot().rules[0];
    EXPECT_EQ(status.last_error, c.error);
    ASSERT_EQ(status.alerts.size(), 1u) << c.error;
    EXPECT_EQ(status.alerts[0].active_at_ns, 1010 * kSecond);
    EXPECT_EQ(alerts_.Take().size(), 1u) << c.error;
  }
}

TEST_F(GroupAlertsTest, AnAlertThatEndsOverARestartEndsItsSeries) {
  evaluator_.Answer("x", web_);
  const auto before = Make({alert_});
  Run(*before, 1010);
  Run(*before, 1020);
  samples_.Take();
  const auto after = Make({alert_});
  after->TakeAlerts(before->Alerts());
  evaluator_.Answer("x", Samples());
  Run(*after, 1030);
  const std::string rest = R"(app="web", sev="web!"} end @1030)";
  EXPECT_THAT(
      samples_.Take(),
      UnorderedElementsAre(R"({__name__="ALERTS", alertname="A", alertstate="firing", )" + rest,
                           R"({__name__="ALERTS_FOR_STATE", alertname="A", )" + rest));
}

TEST_F(GroupAlertsTest, AlertsOfARuleThatIsGoneAfterARestartEndTheirSeries) {
  evaluator_.Answer("x", web_);
  const auto before = Make({alert_});
  Run(*before, 1010);
  samples_.Take();
  const auto after = Make({});
  after->TakeAlerts(before->Alerts());
  Run(*after, 1020);
  const std::string rest = R"(app="web", sev="web!"} end @1020)";
  EXPECT_THAT(
      samples_.Take(),
      UnorderedElementsAre(R"({__name__="ALERTS", alertname="A", alertstate="pending", )" + rest,
                           R"({__name__="ALERTS_FOR_STATE", alertname="A", )" + rest));
  EXPECT_TRUE(after->Alerts().empty());
}

TEST_F(GroupAlertsTest, AnAlertWhoseEndWasNotToldEndsItsSeriesAfterARestart) {
  evaluator_.Answer("x", web_);
  std::vector<RuleAlerts> kept;
  std::unique_ptr<GroupRunner> before = Make({alert_}, 0, [&] { kept = before->Alerts(); });
  Run(*before, 1010);
  Run(*before, 1020);
  evaluator_.Answer("x", Samples());
  Run(*before, 1030);  // Killed before what comes after `kept`.
  samples_.Take();
  alerts_.Take();
  const auto after = Make({alert_});
  after->TakeAlerts(kept);
  Run(*after, 1040);
  EXPECT_EQ(alerts_.Take().size(), 1u);
  EXPECT_THAT(samples_.Take(), testing::Contains(HasSubstr(R"(alertstate="firing")")));
  const auto later = Make({alert_});
  later->TakeAlerts(after->Alerts());
  Run(*later, 1050);
  EXPECT_THAT(alerts_.Take(), IsEmpty());
  EXPECT_THAT(samples_.Take(), IsEmpty());
}

TEST_F(GroupAlertsTest, KeepsAlertsWhenTheyChangeTheirStateAndOnlyThen) {
  evaluator_.Answer("x", web_);
  int kept = 0;
  const auto runner = Make({alert_}, 0, [&] { ++kept; });
  const auto run = [&](int64_t second) {
    Run(*runner, second);
    return kept;
  };
  EXPECT_EQ(run(1010), 1);  // Pending.
  EXPECT_EQ(run(1020), 2);  // Firing.
  EXPECT_EQ(run(1030), 2);
  evaluator_.Answer("x", Samples());
  EXPECT_EQ(run(1040), 3);  // Ended.
  EXPECT_EQ(run(1050), 3);
  EXPECT_EQ(run(1050 + 3600), 4);  // Forgotten.
}

}  // namespace
}  // namespace skald::ruler
