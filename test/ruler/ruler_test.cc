#include "ruler/ruler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "common/metrics.h"
#include "ruler/fake_evaluator.h"
#include "ruler/fake_sinks.h"
#include "ruler/folder_rule_store.h"
#include "ruler/local_rule_store.h"
#include "support/manual_clock.h"
#include "support/matchers.h"
#include "support/temp_folder.h"

namespace skald::ruler {
namespace {

using std::chrono::minutes;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr int64_t kSecond = 1'000'000'000;

// Whether `holds` comes true; what it waits for is done by other threads.
template <typename F>
bool Eventually(const F& holds) {
  for (int i = 0; i < 5000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

class RulerTest : public testing::Test {
 protected:
  // A ruler whose store is read at once when it is told to, and at no other time.
  std::unique_ptr<Ruler> Start(Ruler::Options options = {}, Ruler::Owns owns = {},
                               AlertSink* sink = nullptr) {
    return StartOn(store_, std::move(options), std::move(owns), sink);
  }
  std::unique_ptr<Ruler> StartOn(RuleStore& store, Ruler::Options options = {},
                                 Ruler::Owns owns = {}, AlertSink* sink = nullptr,
                                 Executor* threads = nullptr) {
    options.poll_interval = std::chrono::hours(24);
    states_.push_back(std::make_unique<StateFile>(*files_, folder_.path()));
    auto ruler = std::make_unique<Ruler>(
        options, Ruler::Deps{.store = store,
                             .threads = threads != nullptr ? *threads : threads_,
                             .state = states_.back().get(),
                             .runner = {.evaluator = evaluator_,
                                        .alerts = sink != nullptr ? *sink : alerts_,
                                        .samples = samples_,
                                        .clock = clock_,
                                        .external_url = ""},
                             .owns = std::move(owns)});
    ruler->Start();
    return ruler;
  }

  void Put(const std::string& name, Rule rule, Nanoseconds interval = minutes(1)) {
    RuleGroup group{.name = name, .interval = interval};
    group.rules = {std::move(rule)};
    ASSERT_TRUE(store_.Set("t", "n", group).ok());
  }

  std::vector<std::string> Names(const Ruler& ruler) const {
    std::vector<std::string> names;
    for (const GroupStatus& group : ruler.Groups("t")) names.push_back(group.name);
    return names;
  }

  // The groups whose alerts are stored.
  std::vector<SavedGroup> Saved() const {
    auto loaded = StateFile(*files_, folder_.path()).Load();
    EXPECT_THAT(loaded, test::IsOk());
    return loaded.ok() ? std::move(loaded->groups) : std::vector<SavedGroup>();
  }

  const test::TempFolder folder_;
  const std::unique_ptr<FileSystem> files_ = MakePosixFileSystem();
  LocalRuleStore store_{*files_, JoinPath(folder_.path(), "rules")};
  std::vector<std::unique_ptr<StateFile>> states_;  // One a ruler.
  test::FakeEvaluator evaluator_;
  test::FakeAlertSink alerts_;
  test::FakeSampleSink samples_;
  test::ManualClock clock_;
  Executor threads_{"rules", 2};
  const Rule record_{.record = "r", .expr = "x"};
  const Rule alert_{.alert = "A", .expr = "x", .for_duration = minutes(5)};
};

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

TEST_F(RulerTest, AlertsOutliveARestart) {
  Put("g", {.alert = "A", .expr = "x", .for_duration = minutes(30)});
  evaluator_.Answer("x", std::vector<EvaluatedSample>{{.labels = {{"k", "v"}}, .value = 1}});
  auto ruler = Start();
  clock_.Advance(minutes(1));
  ASSERT_TRUE(
      Eventually([&] { return ruler->Groups("t")[0].rules[0].state == AlertState::kPending; }));
  const int64_t since = ruler->Groups("t")[0].rules[0].alerts[0].active_at_ns;
  ruler.reset();
  ruler = Start();
  ASSERT_EQ(ruler->Groups("t")[0].rules[0].alerts.size(), 1u);
  EXPECT_EQ(ruler->Groups("t")[0].rules[0].alerts[0].active_at_ns, since);
}

TEST_F(RulerTest, AlertsOfAGroupThatIsDeletedBetweenProcessesEnd) {
  Put("g", alert_);
  evaluator_.Answer("x", std::vector<EvaluatedSample>{{.labels = {{"k", "v"}}, .value = 1}});
  auto ruler = Start();
  clock_.Advance(minutes(1));
  ASSERT_TRUE(
      Eventually([&] { return ruler->Groups("t")[0].rules[0].state == AlertState::kPending; }));
  ruler.reset();
  samples_.Take();
  ASSERT_THAT(store_.DeleteGroup("t", "n", "g"), test::IsOk());
  ruler = Start();
  ruler.reset();
  const std::vector<std::string> samples = samples_.Take();
  ASSERT_EQ(samples.size(), 2u);
  EXPECT_THAT(samples[0], HasSubstr(R"(__name__="ALERTS", )"));
  EXPECT_THAT(samples[0], HasSubstr("} end @"));
  EXPECT_THAT(samples[1], HasSubstr(R"(__name__="ALERTS_FOR_STATE", )"));
  EXPECT_TRUE(Saved().empty());
  Put("g", alert_);  // Another group, though of the same name.
  ruler = Start();
  EXPECT_TRUE(ruler->Groups("t")[0].rules[0].alerts.empty());
}

TEST_F(RulerTest, AlertsOfAGroupThatCannotBeReadAreKeptAsOfTheirTime) {
  Put("g", alert_);
  evaluator_.Answer("x", std::vector<EvaluatedSample>{{.labels = {{"k", "v"}}, .value = 1}});
  auto ruler = Start();
  clock_.Advance(minutes(1));
  ASSERT_TRUE(
      Eventually([&] { return ruler->Groups("t")[0].rules[0].state == AlertState::kPending; }));
  ruler.reset();
  const int64_t saved_at_ns = Saved().at(0).saved_at_ns;
  EXPECT_EQ(saved_at_ns, clock_.NowNs());
  const std::string path = JoinPath(folder_.path(), "rules/t/bg/Zw.yaml");
  ASSERT_TRUE(files_->AtomicWrite(path, "{").ok());
  clock_.Advance(minutes(40));
  Put("other", {.alert = "B", .expr = "x"});
  ruler = Start();
  clock_.Advance(minutes(1));
  ASSERT_TRUE(
      Eventually([&] { return ruler->Groups("t")[0].rules[0].state == AlertState::kFiring; }));
  ruler.reset();
  const auto saved = Saved();
  ASSERT_EQ(saved.size(), 2u);
  EXPECT_EQ(saved[0].key.group, "g");
  EXPECT_EQ(saved[0].saved_at_ns, saved_at_ns);
  EXPECT_EQ(saved[1].saved_at_ns, clock_.NowNs());
  clock_.Advance(minutes(30));  // Too long ago for that of the first by now.
  ASSERT_TRUE(store_.DeleteGroup("t", "n", "other").ok());
  Put("g", alert_);
  ruler = Start();
  EXPECT_TRUE(ruler->Groups("t")[0].rules[0].alerts.empty());
}

// Counts the alerts that were stored when it was told of the first.
class StoredWhenTold final : public AlertSink {
 public:
  StoredWhenTold(FileSystem& files, const std::string& folder) : files_(files), folder_(folder) {}
  void Send(std::string_view, std::vector<FiredAlert>) override {
    stored_ = static_cast<int>(StateFile(files_, folder_).Load()->groups.size());
  }
  int stored() const { return stored_; }

 private:
  FileSystem& files_;
  const std::string folder_;
  std::atomic<int> stored_ = -1;
};

TEST_F(RulerTest, AnAlertThatFiresIsStoredBeforeAnyoneIsTold) {
  Put("g", {.alert = "A", .expr = "x"});
  evaluator_.Answer("x", std::vector<EvaluatedSample>{{.labels = {{"k", "v"}}, .value = 1}});
  StoredWhenTold sink(*files_, folder_.path());
  const auto ruler = Start({}, {}, &sink);
  clock_.Advance(minutes(1));
  ASSERT_TRUE(Eventually([&] { return sink.stored() != -1; }));
  EXPECT_EQ(sink.stored(), 1);
}

TEST_F(RulerTest, WritesNothingWhereThereAreNoAlerts) {
  Put("g", alert_);
  const std::string path = JoinPath(folder_.path(), kStateFileName);
  auto ruler = Start();
  clock_.Advance(minutes(1));
  ASSERT_TRUE(Eventually([&] { return evaluator_.times_ns().size() == 1; }));
  ruler.reset();
  EXPECT_FALSE(*files_->Exists(path));
  evaluator_.Answer("x", std::vector<EvaluatedSample>{{.labels = {{"k", "v"}}, .value = 1}});
  ruler = Start();
  clock_.Advance(minutes(1));
  ASSERT_TRUE(Eventually([&] { return evaluator_.times_ns().size() == 2; }));
  ruler.reset();
  EXPECT_EQ(Saved().size(), 1u);
  evaluator_.Answer("x", std::vector<EvaluatedSample>());
  ruler = Start();
  clock_.Advance(minutes(1));
  ASSERT_TRUE(Eventually([&] { return evaluator_.times_ns().size() == 3; }));
  ruler.reset();
  EXPECT_TRUE(Saved().empty());  // The pending alert is gone.
}

TEST_F(RulerTest, ADamagedStateOfAlertsIsCountedAndStopsNoStart) {
  Put("g", alert_);
  ASSERT_THAT(files_->AtomicWrite(JoinPath(folder_.path(), kStateFileName), "{"), test::IsOk());
  const Counter damages =
      Metrics::GetCounter("skald_ruler_state_damages_total",
                          "Starts that could not read the state of alerts, or not all of it.");
  const double counted = damages.value();
  auto ruler = Start();
  EXPECT_EQ(damages.value(), counted + 1);
  EXPECT_EQ(Names(*ruler).size(), 1u);
}

TEST_F(RulerTest, AfterALongOutageAlertsBeginAnew) {
  Put("g", alert_);
  evaluator_.Answer("x", std::vector<EvaluatedSample>{{.labels = {{"k", "v"}}, .value = 1}});
  auto ruler = Start();
  clock_.Advance(minutes(1));
  ASSERT_TRUE(
      Eventually([&] { return ruler->Groups("t")[0].rules[0].state == AlertState::kPending; }));
  ruler.reset();
  clock_.Advance(std::chrono::hours(2));
  ruler = Start();
  EXPECT_TRUE(ruler->Groups("t")[0].rules[0].alerts.empty());
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
