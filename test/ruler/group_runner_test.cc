#include "ruler/group_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/metrics.h"
#include "ruler/group_runner_fixture.h"

namespace skald::ruler {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class GroupRunnerTest : public GroupRunnerFixture {
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
