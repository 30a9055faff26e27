#include "ruler/alert_tracker.h"

#include <gtest/gtest.h>

#include "support/time_units.h"

namespace skald::ruler {
namespace {

using test::kSecond;

std::vector<Alert> Holding(std::initializer_list<const char*> pods) {
  std::vector<Alert> alerts;
  for (const char* pod : pods) {
    Alert alert;
    alert.labels = model::Labels({{"pod", pod}});
    alerts.push_back(std::move(alert));
  }
  return alerts;
}

TEST(AlertTrackerTest, FiresAtOnceWithoutFor) {
  AlertTracker tracker({});
  tracker.Update(Holding({"a"}), kSecond);
  EXPECT_EQ(tracker.state(), AlertState::kFiring);
}

TEST(AlertTrackerTest, IsPendingUntilItHasHeldLongEnough) {
  AlertTracker tracker({.for_duration = std::chrono::seconds(5)});
  tracker.Update(Holding({"a"}), 1 * kSecond);
  EXPECT_EQ(tracker.state(), AlertState::kPending);
  EXPECT_TRUE(tracker.TakeDue(1 * kSecond, std::chrono::seconds(60)).empty());
  tracker.Update(Holding({"a"}), 6 * kSecond);
  ASSERT_EQ(tracker.Active().size(), 1u);
  EXPECT_EQ(tracker.Active()[0].state, AlertState::kFiring);
  EXPECT_EQ(tracker.Active()[0].active_at_ns, 1 * kSecond);
  EXPECT_EQ(tracker.Active()[0].fired_at_ns, 6 * kSecond);
}

TEST(AlertTrackerTest, ForgetsAPendingAlertThatNoLongerHolds) {
  AlertTracker tracker({.for_duration = std::chrono::seconds(5)});
  tracker.Update(Holding({"a"}), 1 * kSecond);
  tracker.Update({}, 2 * kSecond);
  EXPECT_TRUE(tracker.All().empty());
}

TEST(AlertTrackerTest, NoAlertEndsByWhatIsKnownInPart) {
  using Known = AlertTracker::Known;
  AlertTracker tracker({.for_duration = std::chrono::seconds(5)});
  tracker.Update(Holding({"a"}), 1 * kSecond);
  tracker.Update(Holding({"a", "b"}), 6 * kSecond);
  EXPECT_TRUE(tracker.Update(Holding({"c"}), 7 * kSecond, Known::kInPart));
  EXPECT_EQ(tracker.Active().size(), 3u);  // Firing, pending, and one that is new.
  EXPECT_FALSE(tracker.Update({}, 60 * kSecond, Known::kInPart));
  EXPECT_EQ(tracker.Active().size(), 3u);
  tracker.Update({}, 61 * kSecond);
  EXPECT_TRUE(tracker.Active().empty());
}

TEST(AlertTrackerTest, TellsAnEndAtOnceAndKeepsItForAWhile) {
  AlertTracker tracker({});
  tracker.Update(Holding({"a"}), 100 * kSecond);
  EXPECT_EQ(tracker.TakeDue(100 * kSecond, std::chrono::seconds(60)).size(), 1u);
  EXPECT_TRUE(tracker.TakeDue(110 * kSecond, std::chrono::seconds(60)).empty());
  tracker.Update({}, 120 * kSecond);
  EXPECT_TRUE(tracker.Active().empty());
  const auto due = tracker.TakeDue(120 * kSecond, std::chrono::seconds(60));
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].resolved_at_ns, 120 * kSecond);
  tracker.Update({}, (120 + 16 * 60) * kSecond);
  EXPECT_TRUE(tracker.All().empty());
}

TEST(AlertTrackerTest, TellsAnEndEachResendDelayForAQuarterOfAnHour) {
  constexpr auto kDelay = std::chrono::seconds(60);
  AlertTracker tracker({});
  tracker.Update(Holding({"a"}), 1 * kSecond);
  const auto ends_at = [&](int64_t second) {
    tracker.Update({}, second * kSecond);
    const auto due = tracker.TakeDue(second * kSecond, kDelay);
    return due.size() == 1 && due[0].resolved_at_ns == 100 * kSecond;
  };
  EXPECT_TRUE(ends_at(100));
  EXPECT_FALSE(ends_at(159));
  EXPECT_TRUE(ends_at(161));
  EXPECT_TRUE(ends_at(100 + 14 * 60));
  EXPECT_FALSE(ends_at(100 + 15 * 60 + 1));  // Though it is due.
}

TEST(AlertTrackerTest, KeepsFiringForAsLongAsTheRuleSays) {
  AlertTracker tracker({.keep_firing_for = std::chrono::seconds(10)});
  tracker.Update(Holding({"a"}), 1 * kSecond);
  tracker.Update({}, 2 * kSecond);
  EXPECT_EQ(tracker.state(), AlertState::kFiring);
  tracker.Update({}, 12 * kSecond);
  EXPECT_EQ(tracker.state(), AlertState::kInactive);
}

}  // namespace
}  // namespace skald::ruler
