#include "common/memory_budget.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "support/matchers.h"

namespace skald {
namespace {

using test::HasCode;
using test::HasMessage;
using test::IsOk;

TEST(MemoryBudgetTest, RefusesWhatPassesItsLimitAndTakesNothingThen) {
  MemoryBudget budget(100, ResourceExhausted("too much"));
  EXPECT_THAT(budget.Take(60), IsOk());
  EXPECT_THAT(budget.Take(41), HasMessage("too much"));
  EXPECT_THAT(budget.Take(41), HasCode(StatusCode::kResourceExhausted));
  EXPECT_EQ(budget.used(), 60u);
  budget.Return(60);
  EXPECT_THAT(budget.Take(100), IsOk());
}

TEST(MemoryBudgetTest, NoLimitIsNone) {
  MemoryBudget budget(0, ResourceExhausted("too much"));
  EXPECT_THAT(budget.Take(uint64_t{1} << 60), IsOk());
}

TEST(MemoryBudgetTest, SpareIsWhatNeitherItNorNeighboursHold) {
  class : public MemoryNeighbours {
   public:
    uint64_t HeldBytes() const override { return held; }
    void GiveWay(uint64_t /*bytes*/) override {}
    uint64_t held = 30;
  } neighbours;
  MemoryBudget budget(100, ResourceExhausted("too much"), neighbours);
  ASSERT_TRUE(budget.TakeSpare(50));
  EXPECT_EQ(budget.Spare(), 20u);
  EXPECT_FALSE(budget.TakeSpare(21));
  EXPECT_TRUE(budget.TakeSpare(20));
  neighbours.held = 31;
  EXPECT_EQ(budget.Spare(), 0u);
}

TEST(MemoryBudgetTest, DrawsFromItsParentAndGivesAllBackInTheEnd) {
  MemoryBudget all(100, ResourceExhausted("all"));
  {
    MemoryBudget one(90, ResourceExhausted("one"), &all);
    MemoryBudget other(90, ResourceExhausted("other"), &all);
    EXPECT_THAT(one.Take(80), IsOk());
    EXPECT_THAT(other.Take(30), HasMessage("all"));
    EXPECT_EQ(other.used(), 0u);
    EXPECT_THAT(other.Take(20), IsOk());
    EXPECT_EQ(all.used(), 100u);
  }
  EXPECT_EQ(all.used(), 0u);
}

TEST(MemoryClaimTest, TakesOnlyWhatIsMissingAndReturnsIt) {
  MemoryBudget budget(100, ResourceExhausted("too much"));
  {
    MemoryClaim claim(&budget);
    EXPECT_THAT(claim.Raise(50), IsOk());
    EXPECT_THAT(claim.Raise(40), IsOk());
    EXPECT_EQ(budget.used(), 50u);
    EXPECT_THAT(claim.Raise(101), HasMessage("too much"));
    EXPECT_EQ(budget.used(), 50u);
    claim.Lower(60);
    EXPECT_EQ(budget.used(), 50u);
    claim.Lower(20);
    EXPECT_EQ(budget.used(), 20u);
  }
  EXPECT_EQ(budget.used(), 0u);
  EXPECT_THAT(MemoryClaim(nullptr).Raise(uint64_t{1} << 60), IsOk());
}

TEST(MemoryClaimTest, CountsRightWhenManyRaiseIt) {
  MemoryBudget budget(0, ResourceExhausted(""));
  {
    MemoryClaim claim(&budget);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (uint64_t i = 1; i <= 10000; ++i) EXPECT_THAT(claim.Raise(i), IsOk());
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(budget.used(), 10000u);
  }
  EXPECT_EQ(budget.used(), 0u);
}

}  // namespace
}  // namespace skald
