// What a ruler keeps of its alerts from one process to the next.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/metrics.h"
#include "ruler/ruler_fixture.h"

namespace skald::ruler {
namespace {

using std::chrono::minutes;
using testing::HasSubstr;

class RulerStateTest : public RulerFixture {
 protected:
  // A ruler whose first alert of tenant t, of expression x, is pending.
  std::unique_ptr<Ruler> StartAndWaitForPending() {
    evaluator_.Answer("x", std::vector<EvaluatedSample>{{.labels = {{"k", "v"}}, .value = 1}});
    auto ruler = Start();
    clock_.Advance(minutes(1));
    EXPECT_TRUE(
        Eventually([&] { return ruler->Groups("t")[0].rules[0].state == AlertState::kPending; }));
    return ruler;
  }
};

TEST_F(RulerStateTest, AlertsOutliveARestart) {
  Put("g", {.alert = "A", .expr = "x", .for_duration = minutes(30)});
  auto ruler = StartAndWaitForPending();
  const int64_t since = ruler->Groups("t")[0].rules[0].alerts[0].active_at_ns;
  ruler.reset();
  ruler = Start();
  ASSERT_EQ(ruler->Groups("t")[0].rules[0].alerts.size(), 1u);
  EXPECT_EQ(ruler->Groups("t")[0].rules[0].alerts[0].active_at_ns, since);
}

TEST_F(RulerStateTest, AlertsOfAGroupThatIsDeletedBetweenProcessesEnd) {
  Put("g", alert_);
  auto ruler = StartAndWaitForPending();
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

TEST_F(RulerStateTest, AlertsOfAGroupThatCannotBeReadAreKeptAsOfTheirTime) {
  Put("g", alert_);
  auto ruler = StartAndWaitForPending();
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

TEST_F(RulerStateTest, AnAlertThatFiresIsStoredBeforeAnyoneIsTold) {
  Put("g", {.alert = "A", .expr = "x"});
  evaluator_.Answer("x", std::vector<EvaluatedSample>{{.labels = {{"k", "v"}}, .value = 1}});
  StoredWhenTold sink(*files_, folder_.path());
  const auto ruler = Start({}, {}, &sink);
  clock_.Advance(minutes(1));
  ASSERT_TRUE(Eventually([&] { return sink.stored() != -1; }));
  EXPECT_EQ(sink.stored(), 1);
}

TEST_F(RulerStateTest, WritesNothingWhereThereAreNoAlerts) {
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
  // To stop right after the query has been answered might come before the alert is made.
  const auto alerts = [&] { return ruler->Groups("t")[0].rules[0].alerts.size(); };
  ASSERT_TRUE(Eventually([&] { return alerts() == 1; }));
  ruler.reset();
  EXPECT_EQ(Saved().size(), 1u);
  evaluator_.Answer("x", std::vector<EvaluatedSample>());
  ruler = Start();
  ASSERT_EQ(alerts(), 1u);
  clock_.Advance(minutes(1));
  ASSERT_TRUE(Eventually([&] { return alerts() == 0; }));
  ruler.reset();
  EXPECT_TRUE(Saved().empty());  // The pending alert is gone.
}

TEST_F(RulerStateTest, ADamagedStateOfAlertsIsCountedAndStopsNoStart) {
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

TEST_F(RulerStateTest, AfterALongOutageAlertsBeginAnew) {
  Put("g", alert_);
  auto ruler = StartAndWaitForPending();
  ruler.reset();
  clock_.Advance(std::chrono::hours(2));
  ruler = Start();
  EXPECT_TRUE(ruler->Groups("t")[0].rules[0].alerts.empty());
}

}  // namespace
}  // namespace skald::ruler
