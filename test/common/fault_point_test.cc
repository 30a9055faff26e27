#include "common/fault_point.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>

namespace skald {
namespace {

TEST(FaultPointDeathTest, KillsAtTheNthPassOfItsPointAlone) {
  const auto pass = [](int times) {
    ::setenv("SKALD_FAULT_POINT", "here:2", 1);
    ArmFaultPoints();
    for (int i = 0; i < 10; ++i) FaultPoint("elsewhere");
    for (int i = 0; i < times; ++i) FaultPoint("here");
    std::exit(0);
  };
  EXPECT_EXIT(pass(1), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(pass(2), testing::KilledBySignal(SIGKILL), "");
}

TEST(FaultPointTest, IsPassedWhenNoneIsArmed) {
  FaultPoint("here");
  EXPECT_FALSE(fault_points_armed.load());
}

}  // namespace
}  // namespace skald
