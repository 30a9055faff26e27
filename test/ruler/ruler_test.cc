#include "ruler/ruler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "common/metrics.h"
#include "ruler/folder_rule_store.h"
#include "ruler/ruler_fixture.h"
#include "support/time_units.h"

namespace skald::ruler {
namespace {

using std::chrono::minutes;
using test::kSecond;
using testing::ElementsAre;
using testing::HasSubstr;

using RulerTest = RulerFixture;

TEST_F(RulerTest, EvaluatesAGroupAtMultiplesOfItsIntervalMovedByItsName) {
  Put("g", record_);
  const auto ruler = Start();
  const int64_t first = FirstEvaluation("t", "n", "g", minutes(1), clock_.NowNs());
  clock_.Advance(minutes(1));
  ASSERT_TRUE(Eventually([&] { return evaluator_.times_ns().size() == 1; }));
  clock_.Advance(minutes(1));
  ASSERT_TRUE(Eventually([&] { return evaluator_.times_ns().size() == 2; }));
  EXPECT_THAT(evaluator_.times_ns(), ElementsAre(first, first + 60 * kSecond));
}

TEST_F(RulerTest, LetsTheFirstTurnGoThatComesSecondsAfterAGroupWasWritten) {
  const auto ruler = Start();
  const int64_t turn = FirstEvaluation("t", "n", "new", minutes(1), clock_.NowNs()) + 60 * kSecond;
  clock_.Advance(Nanoseconds(turn - 4 * kSecond - clock_.NowNs()));
  Put("new", record_);
  ruler->Reload();
  ASSERT_TRUE(Eventually([&] { return Names(*ruler).size() == 1; }));
  clock_.Advance(Nanoseconds(64 * kSecond));
  ASSERT_TRUE(Eventually([&] { return !evaluator_.times_ns().empty(); }));
  EXPECT_THAT(evaluator_.times_ns(), ElementsAre(turn + 60 * kSecond));
  EXPECT_THAT(
      Metrics::Expose(),
      HasSubstr(
          R"(loki_prometheus_rule_group_iterations_missed_total{rule_group="n;new",user="t"} 0)"));
}

TEST_F(RulerTest, LeavesOutAndCountsTheTimesThatHavePassed) {
  Put("late", record_);
  const auto ruler = Start();
  const int64_t first = FirstEvaluation("t", "n", "late", minutes(1), clock_.NowNs());
  clock_.Advance(minutes(5));
  ASSERT_TRUE(Eventually([&] { return evaluator_.times_ns().size() == 1; }));
  EXPECT_EQ(evaluator_.times_ns()[0] % (60 * kSecond), first % (60 * kSecond));
  EXPECT_THAT(
      Metrics::Expose(),
      HasSubstr(
          R"(loki_prometheus_rule_group_iterations_missed_total{rule_group="n;late",user="t"} 4)"));
}

TEST_F(RulerTest, AGroupThatIsDamagedRunsOnAndHidesNoOther) {
  Put("a", record_);
  const auto ruler = Start();
  const std::string path = JoinPath(folder_.path(), "rules/t/bg/YQ.yaml");
  ASSERT_TRUE(files_->AtomicWrite(path, "{").ok());
  Put("b", record_);
  ruler->Reload();
  ASSERT_TRUE(Eventually([&] { return Names(*ruler).size() == 2; }));
  EXPECT_THAT(Names(*ruler), ElementsAre("a", "b"));
  EXPECT_THAT(Metrics::Expose(),
              HasSubstr(R"(loki_ruler_config_last_reload_successful{user="t"} 0)"));
  EXPECT_THAT(Names(*Start()), ElementsAre("b"));
}

TEST_F(RulerTest, GroupsOfAFileThatIsDamagedRunOn) {
  const std::string folder = JoinPath(folder_.path(), "files");
  const auto write = [&](const char* name, const char* text) {
    ASSERT_THAT(files_->AtomicWrite(JoinPath(folder, name), text), test::IsOk());
  };
  ASSERT_THAT(files_->MakeDirs(JoinPath(folder, "t")), test::IsOk());
  write("t/a", "groups: [{name: a1, rules: []}, {name: a2, rules: []}]");
  write("t/b", "groups: [{name: b, rules: []}]");
  FolderRuleStore store(*files_, folder);
  const auto ruler = StartOn(store);
  write("t/a", "groups: {");
  write("t/b", "groups: [{name: c, rules: []}]");
  ruler->Reload();
  ASSERT_TRUE(Eventually([&] { return Names(*ruler).back() == "c"; }));
  EXPECT_THAT(Names(*ruler), ElementsAre("a1", "a2", "c"));
  EXPECT_THAT(Names(*StartOn(store)), ElementsAre("c"));
}

TEST_F(RulerTest, TakesUpWhatWasWrittenAndLetsGoOfWhatWasDeleted) {
  Put("a", record_);
  const auto ruler = Start();
  EXPECT_THAT(Names(*ruler), ElementsAre("a"));
  Put("b", record_);
  ruler->Reload();
  ASSERT_TRUE(Eventually([&] { return Names(*ruler).size() == 2; }));
  evaluator_.Answer("x", std::vector<EvaluatedSample>{{.labels = {{"k", "v"}}, .value = 1}});
  clock_.Advance(minutes(1));
  ASSERT_TRUE(Eventually([&] { return samples_.Take().size() > 0; }));
  ASSERT_TRUE(Eventually([&] { return evaluator_.times_ns().size() == 2; }));
  ASSERT_TRUE(store_.DeleteGroup("t", "n", "a").ok());
  ruler->Reload();
  ASSERT_TRUE(Eventually([&] { return Names(*ruler).size() == 1; }));
  std::vector<std::string> ends;
  ASSERT_TRUE(Eventually([&] {
    for (const std::string& text : samples_.Take()) {
      if (text.find(" end @") != std::string::npos) ends.push_back(text);
    }
    return !ends.empty();
  }));
  EXPECT_EQ(ends.size(), 1u);
  ASSERT_TRUE(Eventually(
      [&] { return Metrics::Expose().find(R"(rule_group="n;a")") == std::string::npos; }));
}

TEST_F(RulerTest, ATenantOfManyRulesDelaysNoOther) {
  RuleGroup group{.name = "g", .interval = minutes(1)};
  for (const char* expr : {"t1", "t2", "t3", "t4"}) {
    group.rules.push_back({.record = "r", .expr = expr});
  }
  ASSERT_THAT(store_.Set("t", "n", group), test::IsOk());
  group.rules = {{.record = "r", .expr = "other"}};
  ASSERT_THAT(store_.Set("u", "n", group), test::IsOk());
  Executor one_thread("rules", 1);
  const auto ruler = StartOn(store_, {}, {}, nullptr, &one_thread);
  // Waits for the tick that submits both groups.
  evaluator_.OnEvaluate([&] { (void)ruler->Groups("t"); });
  clock_.Advance(minutes(1));
  ASSERT_TRUE(Eventually([&] { return evaluator_.exprs().size() == 5; }));
  ruler->Stop();
  const std::vector<std::string> exprs = evaluator_.exprs();
  EXPECT_LE(std::find(exprs.begin(), exprs.end(), "other") - exprs.begin(), 1);
}

TEST_F(RulerTest, RunsTheTenantsThatItMay) {
  Put("g", record_);
  EXPECT_TRUE(Names(*Start({.disabled_tenants = {"t"}})).empty());
  EXPECT_TRUE(Names(*Start({.enabled_tenants = {"other"}})).empty());
  EXPECT_EQ(Names(*Start({.enabled_tenants = {"t"}})).size(), 1u);
}

TEST_F(RulerTest, RunsTheGroupsThatAreItsOwn) {
  Put("mine", record_);
  Put("theirs", record_);
  const auto ruler = Start({}, [](std::string_view, std::string_view, std::string_view group) {
    return group == "mine";
  });
  EXPECT_THAT(Names(*ruler), ElementsAre("mine"));
}

TEST_F(RulerTest, AGroupThatMovesToAnotherMemberGoesOnThere) {
  Put("g", record_);
  evaluator_.Answer("x", std::vector<EvaluatedSample>{{.labels = {{"k", "v"}}, .value = 1}});
  std::atomic<bool> own = true;
  const auto ruler =
      Start({}, [&](std::string_view, std::string_view, std::string_view) { return own.load(); });
  clock_.Advance(minutes(1));
  ASSERT_TRUE(Eventually([&] { return !samples_.Take().empty(); }));
  own = false;
  ruler->Reload();
  ASSERT_TRUE(Eventually([&] { return Names(*ruler).empty(); }));
  ruler->Stop();
  EXPECT_TRUE(samples_.Take().empty());  // Its series do not end.
}

TEST_F(RulerTest, StoppingWaitsForWhatIsUnderWay) {
  Put("g", record_);
  std::atomic<bool> begun = false;
  std::atomic<bool> done = false;
  evaluator_.OnEvaluate([&] {
    begun = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    done = true;
  });
  const auto ruler = Start();
  clock_.Advance(minutes(1));
  ASSERT_TRUE(Eventually([&] { return begun.load(); }));
  ruler->Stop();
  EXPECT_TRUE(done);
}

TEST(FirstEvaluationTest, LiesWithinAnIntervalAndSpreadsGroups) {
  const int64_t now_ns = 1'700'000'000 * kSecond + 7;
  std::set<int64_t> times;
  for (int i = 0; i < 100; ++i) {
    const int64_t at = FirstEvaluation("t", "n", std::to_string(i), minutes(1), now_ns);
    EXPECT_GE(at, now_ns);
    EXPECT_LT(at, now_ns + 60 * kSecond);
    // The same group has the same place in every interval.
    EXPECT_EQ(FirstEvaluation("t", "n", std::to_string(i), minutes(1), now_ns + 60 * kSecond),
              at + 60 * kSecond);
    times.insert(at / kSecond);
  }
  EXPECT_GT(times.size(), 40u);
}

}  // namespace
}  // namespace skald::ruler
