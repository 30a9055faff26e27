#include "ruler/outage.h"

#include <gtest/gtest.h>

namespace skald::ruler {
namespace {

TEST(OutageTest, DoesNotCountAsTimeInWhichAnAlertHeld) {
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

TEST(OutageTest, DoesNotCountAsTimeInWhichAnAlertFiredOn) {
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
