#include "patterns/step_counts.h"

#include <gtest/gtest.h>

#include <limits>
#include <utility>
#include <vector>

namespace skald::patterns {
namespace {

std::vector<std::pair<uint32_t, uint32_t>> Dump(const StepCounts& counts) {
  std::vector<std::pair<uint32_t, uint32_t>> pairs;
  for (const StepCounts::Count& count : counts.counts()) {
    pairs.emplace_back(count.step, count.count);
  }
  return pairs;
}

using Pairs = std::vector<std::pair<uint32_t, uint32_t>>;

TEST(StepCountsTest, AddsUpByStepInAnyOrder) {
  StepCounts counts;
  counts.Add(7, 1);
  counts.Add(7, 2);
  counts.Add(9, 1);
  counts.Add(3, 5);
  counts.Add(7, 1);
  counts.Add(8, 1);
  EXPECT_EQ(Dump(counts), (Pairs{{3, 5}, {7, 4}, {8, 1}, {9, 1}}));
}

TEST(StepCountsTest, ForgetsWhatIsOld) {
  StepCounts counts;
  for (uint32_t step = 1; step <= 4; ++step) counts.Add(step, 1);
  counts.DropBefore(3);
  EXPECT_EQ(Dump(counts), (Pairs{{3, 1}, {4, 1}}));
  counts.DropBefore(5);
  EXPECT_TRUE(counts.empty());
}

TEST(StepCountsTest, ForgetsAStretch) {
  StepCounts counts;
  for (uint32_t step = 1; step <= 5; ++step) counts.Add(step, step);
  EXPECT_FALSE(counts.Drop(3, 3));
  EXPECT_FALSE(counts.Drop(6, 9));
  EXPECT_EQ(Dump(counts), (Pairs{{1, 1}, {2, 2}, {3, 3}, {4, 4}, {5, 5}}));
  EXPECT_TRUE(counts.Drop(2, 4));
  EXPECT_EQ(Dump(counts), (Pairs{{1, 1}, {4, 4}, {5, 5}}));
  EXPECT_TRUE(counts.Drop(0, 100));
  EXPECT_TRUE(counts.empty());
}

TEST(StepCountsTest, StaysAtItsLargestCount) {
  constexpr uint32_t kMost = std::numeric_limits<uint32_t>::max();
  StepCounts counts;
  counts.Add(1, kMost);
  counts.Add(1, 2);
  EXPECT_EQ(Dump(counts), (Pairs{{1, kMost}}));
}

TEST(StepCountsTest, HasStepsOfTenSeconds) {
  EXPECT_EQ(StepCounts::StepOf(0), 0u);
  EXPECT_EQ(StepCounts::StepOf(9'999'999'999), 0u);
  EXPECT_EQ(StepCounts::StepOf(10'000'000'000), 1u);
}

}  // namespace
}  // namespace skald::patterns
