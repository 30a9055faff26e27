#include "ruler/state_file.h"

#include <gtest/gtest.h>

namespace skald::ruler {
namespace {

SavedAlerts Example() {
  Alert alert;
  alert.labels = model::Labels({{"alertname", "A"}, {"pod", "a"}});
  alert.annotations = {{"summary", "s"}};
  alert.value = 1.5;
  alert.state = AlertState::kFiring;
  alert.active_at_ns = 7;
  SavedAlerts saved{.saved_at_ns = 9};
  saved.groups.push_back(
      {.tenant = "t",
       .name_space = "n",
       .group = "g",
       .saved_at_ns = 8,
       .rules = {{.rule = "A", .rule_labels = {{"sev", "page"}}, .alerts = {alert}}}});
  return saved;
}

TEST(StateFileTest, ReadsBackWhatWasWritten) {
  const auto read = DecodeSavedAlerts(EncodeSavedAlerts(Example()));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(EncodeSavedAlerts(*read), EncodeSavedAlerts(Example()));
  EXPECT_EQ(read->groups[0].rules[0].alerts[0].state, AlertState::kFiring);
  EXPECT_EQ(read->groups[0].saved_at_ns, 8);
}

TEST(StateFileTest, ReadsFilesThatSayOnceWhenAllWasSaved) {
  const auto read = DecodeSavedAlerts(
      R"({"version":1,"saved_at":9,"groups":[{"tenant":"t","namespace":"n","group":"g","rules":[]}]})");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->groups[0].saved_at_ns, 9);
}

TEST(StateFileTest, SurvivesEveryDamagedByteAndLength) {
  const std::string text = EncodeSavedAlerts(Example());
  for (size_t i = 0; i < text.size(); ++i) {
    (void)DecodeSavedAlerts(text.substr(0, i)).ok();
    std::string damaged = text;
    damaged[i] ^= 0x11;
    (void)DecodeSavedAlerts(damaged).ok();
  }
}

TEST(StateFileTest, AnOutageDoesNotCountAsTimeInWhichAnAlertHeld) {
  constexpr int64_t kMinute = int64_t{60} * 1'000'000'000;
  const auto shifted = [](int64_t for_minutes) {
    Alert alert;
    alert.active_at_ns = 100 * kMinute;
    std::vector<Alert> alerts = {alert};
    ShiftOverOutage(alerts, std::chrono::minutes(for_minutes), 110 * kMinute, 130 * kMinute,
                    std::chrono::minutes(10));
    return alerts[0].active_at_ns / kMinute;
  };
  EXPECT_EQ(shifted(60), 120);  // 50 minutes were left, and are.
  EXPECT_EQ(shifted(15), 125);  // 5 were left; the grace period is.
  EXPECT_EQ(shifted(10), 100);  // It was about to fire.
  EXPECT_EQ(shifted(5), 130);   // Too short for a grace period; it begins anew.
}

TEST(StateFileTest, AnOutageDoesNotCountAsTimeInWhichAnAlertFiredOn) {
  Alert on;
  on.state = AlertState::kFiring;
  on.keep_firing_since_ns = 5;
  Alert holding = on;
  holding.keep_firing_since_ns = 0;
  std::vector<Alert> alerts = {on, holding};
  ShiftOverOutage(alerts, Nanoseconds(0), 7, 20, std::chrono::minutes(10));
  EXPECT_EQ(alerts[0].keep_firing_since_ns, 18);
  EXPECT_EQ(alerts[1].keep_firing_since_ns, 0);
}

}  // namespace
}  // namespace skald::ruler
