#include "patterns/line_budget.h"

#include <gtest/gtest.h>

namespace skald::patterns {
namespace {

constexpr int64_t kMilli = 1'000'000;

// Lines looked at in the tenth of so many seconds at a rate, pushed 100 at a time.
uint64_t LookedAt(uint32_t budget, int seconds, size_t lines_per_second) {
  LineBudget lines(budget);
  uint64_t last_second = 0;
  const size_t pushes = lines_per_second / 100;
  for (int64_t i = 0; i < static_cast<int64_t>(pushes) * seconds; ++i) {
    const int64_t now_ns = i * 1000 * kMilli / static_cast<int64_t>(pushes);
    const size_t looked_at = 100 / lines.Stride(now_ns);
    lines.Use(looked_at);
    if (now_ns >= (seconds - 1) * 1000 * kMilli) last_second += looked_at;
  }
  return last_second;
}

TEST(LineBudgetTest, LooksAtEveryLineWhileTheyAreFew) {
  EXPECT_EQ(LookedAt(10'000, 10, 10'000), 10'000u);
}

TEST(LineBudgetTest, KeepsToTheBudgetWhenThereAreMany) {
  for (const size_t rate : {20'000, 100'000, 500'000}) {
    const uint64_t looked_at = LookedAt(10'000, 10, rate);
    EXPECT_GT(looked_at, 4'000u) << rate;
    EXPECT_LT(looked_at, 11'000u) << rate;
  }
}

TEST(StrideForTest, LooksAtFewerLinesTheMoreIsUsed) {
  EXPECT_EQ(StrideFor(0, 1000), 1u);
  EXPECT_EQ(StrideFor(124, 1000), 1u);
  EXPECT_EQ(StrideFor(125, 1000), 2u);
  EXPECT_EQ(StrideFor(500, 1000), 16u);
  EXPECT_EQ(StrideFor(5000, 1000), 256u);
  EXPECT_EQ(StrideFor(0, 0), 1u);
}

}  // namespace
}  // namespace skald::patterns
