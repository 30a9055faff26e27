#include "ruler/group_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "common/metrics.h"
#include "ruler/fake_evaluator.h"
#include "ruler/fake_sinks.h"
#include "support/manual_clock.h"

namespace skald::ruler {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;
using Samples = std::vector<EvaluatedSample>;

constexpr int64_t kSecond = 1'000'000'000;

class GroupRunnerTest : public testing::Test {
 protected:
  // One whose metrics have no label rule_group.
  std::unique_ptr<GroupRunner> MakeUnlabelled(const std::string& name, std::vector<Rule> rules) {
    RuleGroup group{.name = name, .interval = std::chrono::seconds(10)};
    group.rules = std::move(rules);
    return std::make_unique<GroupRunner>(GroupRunner::Deps{.evaluator = evaluator_,
                                                           .alerts = alerts_,
                                                           .samples = samples_,
                                                           .clock = clock_,
                                                           .external_url = "",
                                                           .metric_label = GroupLabel::kLeftOut},
                                         model::TenantId("unlabelled"), "n", std::move(group));
  }

  std::unique_ptr<GroupRunner> Make(std::vector<Rule> rules, int64_t limit = 0,
                                    std::function<void()> keep_alerts = {}) {
    RuleGroup group{.name = "g", .interval = std::chrono::seconds(10), .limit = limit};
    group.rules = std::move(rules);
    const GroupRunner::Deps deps{.evaluator = evaluator_,
                                 .alerts = alerts_,
                                 .samples = samples_,
                                 .clock = clock_,
                                 .external_url = "http://g",
                                 .resend_delay = std::chrono::seconds(60),
                                 .keep_alerts = std::move(keep_alerts)};
    return std::make_unique<GroupRunner>(deps, model::TenantId("t"), "n", std::move(group));
  }

  void Run(GroupRunner& runner, int64_t second) {
    runner.Evaluate(second * kSecond, CancelToken());
  }

  test::FakeEvaluator evaluator_;
  test::FakeAlertSink alerts_;
  test::FakeSampleSink samples_;
  test::ManualClock clock_;
  const Rule record_{.record = "r", .expr = "x", .labels = {{"team", "a"}}};
  const Rule alert_{.alert = "A",
                    .expr = "x",
                    .for_duration = std::chrono::seconds(10),
                    .labels = {{"sev", "{{ $labels.app }}!"}},
                    .annotations = {{"s", "{{ $value }} {{ query \"x\" | len }}"}}};
  const Samples web_ = {{.labels = {{"app", "web"}}, .value = 5}};
};

TEST_F(GroupRunnerTest, RecordsWithTheLabelsOfTheRule) {
  evaluator_.Answer("x", web_);
  const auto runner = Make({record_});
  Run(*runner, 1010);
  EXPECT_THAT(samples_.Take(), ElementsAre(R"({__name__="r", app="web", team="a"} 5 @1010)"));
  const auto status = runner->Snapshot().rules[0];
  EXPECT_EQ(status.health, RuleHealth::kOk);
  EXPECT_EQ(runner->Snapshot().interval, std::chrono::seconds(10));
}

TEST_F(GroupRunnerTest, EndsASeriesThatIsNoLongerGiven) {
  evaluator_.Answer("x", web_);
  const auto runner = Make({record_});
  Run(*runner, 1010);
  samples_.Take();
  evaluator_.Answer("x", Samples());
  Run(*runner, 1020);
  EXPECT_THAT(samples_.Take(), ElementsAre(R"({__name__="r", app="web", team="a"} end @1020)"));
  Run(*runner, 1030);
  EXPECT_THAT(samples_.Take(), IsEmpty());
}

TEST_F(GroupRunnerTest, EndsASeriesOnlyOnceThatIsWritten) {
  evaluator_.Answer("x", web_);
  const auto runner = Make({record_});
  Run(*runner, 1010);
  samples_.Take();
  evaluator_.Answer("x", Samples());
  samples_.AnswerWith(ResourceExhausted("the disk is full"));
  Run(*runner, 1020);
  EXPECT_EQ(runner->Snapshot().rules[0].last_error, "the disk is full");
  samples_.AnswerWith(Status());
  Run(*runner, 1030);
  EXPECT_THAT(samples_.Take(), ElementsAre(R"({__name__="r", app="web", team="a"} end @1030)"));
}

TEST_F(GroupRunnerTest, ARuleThatFailsSaysSoAndTheNextOneRuns) {
  evaluator_.Answer("x", InvalidArgument("no such thing"));
  evaluator_.Answer("y", web_);
  const auto runner = Make({record_, {.record = "r2", .expr = "y"}});
  Run(*runner, 1010);
  EXPECT_THAT(samples_.Take(), ElementsAre(R"({__name__="r2", app="web"} 5 @1010)"));
  const GroupStatus status = runner->Snapshot();
  EXPECT_EQ(status.rules[0].health, RuleHealth::kFailed);
  EXPECT_EQ(status.rules[0].last_error, "no such thing");
  EXPECT_EQ(status.rules[1].health, RuleHealth::kOk);
}

TEST_F(GroupRunnerTest, WritesTheSamplesOfAllRulesTogether) {
  evaluator_.Answer("x", web_);
  const auto runner = Make({record_, {.record = "r2", .expr = "x"}, alert_});
  GroupRunner::Evaluation evaluation = runner->Begin(1010 * kSecond);
  EXPECT_TRUE(runner->RunNext(evaluation, CancelToken()));
  EXPECT_TRUE(runner->RunNext(evaluation, CancelToken()));
  EXPECT_EQ(samples_.appends(), 0);
  // What is not written is not done.
  EXPECT_EQ(runner->Snapshot().rules[0].health, RuleHealth::kUnknown);
  EXPECT_FALSE(runner->RunNext(evaluation, CancelToken()));
  EXPECT_EQ(samples_.appends(), 1);
  EXPECT_EQ(samples_.Take().size(), 4u);
  for (const RuleStatus& rule : runner->Snapshot().rules) EXPECT_EQ(rule.health, RuleHealth::kOk);
}

TEST_F(GroupRunnerTest, ARuleWithNothingToWriteDoesNotFailWithTheDisk) {
  evaluator_.Answer("x", web_);
  evaluator_.Answer("y", Samples());
  const auto runner = Make({record_, {.record = "r2", .expr = "y"}, alert_});
  samples_.AnswerWith(ResourceExhausted("the disk is full"));
  Run(*runner, 1010);
  const GroupStatus status = runner->Snapshot();
  EXPECT_EQ(status.rules[0].last_error, "the disk is full");
  EXPECT_EQ(status.rules[1].health, RuleHealth::kOk);
  EXPECT_EQ(status.rules[2].last_error, "the disk is full");
}

TEST_F(GroupRunnerTest, WritesWhatItHasWhenItIsCancelled) {
  evaluator_.Answer("x", web_);
  const auto runner = Make({record_, record_});
  CancelToken cancel;
  GroupRunner::Evaluation evaluation = runner->Begin(1010 * kSecond);
  EXPECT_TRUE(runner->RunNext(evaluation, cancel));
  cancel.Cancel();
  EXPECT_FALSE(runner->RunNext(evaluation, cancel));
  EXPECT_THAT(samples_.Take(), ElementsAre(R"({__name__="r", app="web", team="a"} 5 @1010)"));
  EXPECT_EQ(runner->Snapshot().rules[0].health, RuleHealth::kOk);
  EXPECT_EQ(runner->Snapshot().rules[1].health, RuleHealth::kUnknown);
}

TEST_F(GroupRunnerTest, ASuccessorEndsSeriesThatWereNotYetWritten) {
  evaluator_.Answer("x", web_);
  const auto runner = Make({record_, record_});
  GroupRunner::Evaluation evaluation = runner->Begin(1010 * kSecond);
  EXPECT_TRUE(runner->RunNext(evaluation, CancelToken()));
  const auto successor = Make({record_});
  successor->GoOnFrom(*runner);
  EXPECT_FALSE(runner->RunNext(evaluation, CancelToken()));
  samples_.Take();
  evaluator_.Answer("x", Samples());
  Run(*successor, 1020);
  EXPECT_THAT(samples_.Take(), ElementsAre(R"({__name__="r", app="web", team="a"} end @1020)"));
}

TEST_F(GroupRunnerTest, WritesInBetweenWhenThereIsMuch) {
  Samples many;
  for (int i = 0; i < 10'000; ++i) {
    many.push_back({.labels = {{"i", std::to_string(i)}}, .value = 1});
  }
  evaluator_.Answer("x", many);
  evaluator_.Answer("y", web_);
  const auto runner = Make({record_, {.record = "r2", .expr = "y"}});
  GroupRunner::Evaluation evaluation = runner->Begin(1010 * kSecond);
  EXPECT_TRUE(runner->RunNext(evaluation, CancelToken()));
  EXPECT_EQ(samples_.appends(), 1);
  EXPECT_FALSE(runner->RunNext(evaluation, CancelToken()));
  EXPECT_EQ(samples_.appends(), 2);
}

TEST_F(GroupRunnerTest, WritesInBetweenWhenARuleTakesLong) {
  evaluator_.Answer("x", web_);
  evaluator_.OnEvaluate([&] { clock_.Advance(std::chrono::seconds(1)); });
  const auto runner = Make({record_, {.record = "r2", .expr = "x"}});
  GroupRunner::Evaluation evaluation = runner->Begin(1010 * kSecond);
  EXPECT_TRUE(runner->RunNext(evaluation, CancelToken()));
  EXPECT_EQ(samples_.appends(), 1);
  EXPECT_EQ(runner->Snapshot().rules[0].health, RuleHealth::kOk);
}

TEST_F(GroupRunnerTest, AnAlertIsSentOnceItFiresAndWhenItEnds) {
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

TEST_F(GroupRunnerTest, RecordsTheStateOfAlerts) {
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

TEST_F(GroupRunnerTest, HoldsALimitPerRule) {
  evaluator_.Answer("x", Samples{{.labels = {{"app", "a"}}}, {.labels = {{"app", "b"}}}});
  const auto runner = Make({record_, alert_}, 1);
  Run(*runner, 1010);
  EXPECT_THAT(samples_.Take(), IsEmpty());
  const GroupStatus status = runner->Snapshot();
  EXPECT_EQ(status.rules[0].last_error, "exceeded limit of 1 with 2 series");
  EXPECT_EQ(status.rules[1].last_error, "exceeded limit of 1 with 2 alerts");
}

TEST_F(GroupRunnerTest, RefusesSeriesThatTheLabelsOfTheRuleMakeEqual) {
  evaluator_.Answer("x", Samples{{.labels = {{"team", "x"}}}, {.labels = {{"team", "y"}}}});
  const auto runner = Make({record_});
  Run(*runner, 1010);
  EXPECT_EQ(runner->Snapshot().rules[0].last_error,
            "vector contains metrics with the same labelset after applying rule labels");
}

TEST_F(GroupRunnerTest, NoAlertEndsByAnAnswerThatMayBeShort) {
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

TEST_F(GroupRunnerTest, AnAlertFiresByAnAnswerThatMayBeShort) {
  evaluator_.AnswerInPart("x", web_, "pack 7 is unreadable");
  const auto runner = Make({alert_});
  Run(*runner, 1010);
  Run(*runner, 1020);
  EXPECT_EQ(alerts_.Take().size(), 1u);
}

TEST_F(GroupRunnerTest, RecordsNothingOfAnAnswerThatMayBeShort) {
  evaluator_.Answer("x", web_);
  const auto runner = Make({record_});
  Run(*runner, 1010);
  samples_.Take();
  evaluator_.AnswerInPart("x", {{.labels = {{"app", "web"}}, .value = 1}}, "pack 7 is unreadable");
  Run(*runner, 1020);
  EXPECT_THAT(samples_.Take(), IsEmpty());
  EXPECT_EQ(runner->Snapshot().rules[0].last_error, "pack 7 is unreadable");
}

TEST_F(GroupRunnerTest, ATemplateShowsNoAnswerThatMayBeShort) {
  evaluator_.Answer("y", web_);
  evaluator_.AnswerInPart("x", web_, "pack 7 is unreadable");
  const auto runner = Make({{.alert = "A", .expr = "y", .annotations = alert_.annotations}});
  Run(*runner, 1010);
  const auto fired = alerts_.Take();
  ASSERT_EQ(fired.size(), 1u);
  EXPECT_THAT(fired[0].annotations.at("s"), HasSubstr("pack 7 is unreadable"));
}

TEST_F(GroupRunnerTest, AFailureLeavesAlertsAsTheyStandAndTellsThemOn) {
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

TEST_F(GroupRunnerTest, ASuccessorGoesOnWithAlertsAndEndsTheSeriesOfRulesThatAreGone) {
  evaluator_.Answer("x", web_);
  const auto runner = Make({record_, alert_});
  Run(*runner, 1010);
  samples_.Take();
  const auto next = Make({alert_});
  next->GoOnFrom(*runner);
  Run(*next, 1020);
  EXPECT_EQ(alerts_.Take().size(), 1u);  // It has held since 1010.
  EXPECT_THAT(samples_.Take(),
              testing::Contains(R"({__name__="r", app="web", team="a"} end @1020)"));
}

TEST_F(GroupRunnerTest, AnAlertThatEndsOverARestartEndsItsSeries) {
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

TEST_F(GroupRunnerTest, AlertsOfARuleThatIsGoneAfterARestartEndTheirSeries) {
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

TEST_F(GroupRunnerTest, AnAlertWhoseEndWasNotToldEndsItsSeriesAfterARestart) {
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

TEST_F(GroupRunnerTest, KeepsAlertsWhenTheyChangeTheirStateAndOnlyThen) {
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

TEST_F(GroupRunnerTest, ASuccessorTakesTheSeriesOfARuleThatStays) {
  evaluator_.Answer("x", web_);
  const auto runner = Make({record_});
  Run(*runner, 1010);
  const auto next = Make({record_, alert_});
  next->GoOnFrom(*runner);
  evaluator_.Answer("x", Samples());
  samples_.Take();
  Run(*next, 1020);
  EXPECT_THAT(samples_.Take(), ElementsAre(R"({__name__="r", app="web", team="a"} end @1020)"));
}

TEST_F(GroupRunnerTest, AGroupThatIsGoneEndsAllItsSeriesAndItsMetrics) {
  evaluator_.Answer("x", web_);
  auto runner = Make({record_});
  Run(*runner, 1010);
  samples_.Take();
  const char* series = R"(loki_prometheus_rule_evaluations_total{rule_group="n;g",user="t"})";
  EXPECT_THAT(Metrics::Expose(), HasSubstr(series));
  runner->End(1015 * kSecond);
  EXPECT_THAT(samples_.Take(), ElementsAre(R"({__name__="r", app="web", team="a"} end @1015)"));
  runner.reset();
  EXPECT_THAT(Metrics::Expose(), Not(HasSubstr(series)));
}

TEST_F(GroupRunnerTest, StopsBetweenRulesWhenItIsCancelled) {
  const auto runner = Make({record_, record_, record_});
  CancelToken cancel;
  evaluator_.OnEvaluate([cancel]() mutable { cancel.Cancel(); });
  runner->Evaluate(1010 * kSecond, cancel);
  EXPECT_EQ(evaluator_.times_ns().size(), 1u);
  EXPECT_EQ(runner->Snapshot().rules[0].health, RuleHealth::kUnknown);  // No fault of the rule's.
}

TEST_F(GroupRunnerTest, WithoutTheirLabelTheMetricsOfGroupsAreThoseOfTheTenant) {
  evaluator_.Answer("x", web_);
  const auto shown = [](const std::string& name, int value) {
    return HasSubstr("\nloki_prometheus_rule_" + name + "{user=\"unlabelled\"} " +
                     std::to_string(value) + "\n");
  };
  auto one = MakeUnlabelled("one", {record_});
  const auto other = MakeUnlabelled("other", {record_, alert_});
  Run(*one, 10);
  Run(*other, 20);
  EXPECT_THAT(Metrics::Expose(),
              AllOf(shown("evaluations_total", 3), shown("group_rules", 3),
                    shown("group_last_evaluation_samples", 3), shown("group_interval_seconds", 10),
                    shown("group_last_evaluation_timestamp_seconds", 20)));
  const auto next = MakeUnlabelled("one", {record_, record_});
  next->GoOnFrom(*one);
  EXPECT_THAT(Metrics::Expose(), shown("group_rules", 4));  // Though `one` may still be at work.
  one.reset();
  EXPECT_THAT(Metrics::Expose(), AllOf(shown("evaluations_total", 3), shown("group_rules", 4)));
}

}  // namespace
}  // namespace skald::ruler
