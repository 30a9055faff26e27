#include "common/lru_cache.h"

#include <gtest/gtest.h>

#include <string>

namespace skald {
namespace {

std::shared_ptr<const int> Value(int n) { return std::make_shared<const int>(n); }

TEST(LruCacheTest, GivesBackWhatWasPut) {
  LruCache<int> cache(1600);
  EXPECT_EQ(cache.Get("a"), nullptr);
  cache.Put("a", Value(1), 10);
  cache.Put("a", Value(2), 20);
  EXPECT_EQ(*cache.Get("a"), 2);
  EXPECT_EQ(cache.charge(), 20u);
  cache.Erase("a");
  EXPECT_EQ(cache.Get("a"), nullptr);
  EXPECT_EQ(cache.charge(), 0u);
}

TEST(LruCacheTest, StaysWithinItsCapacity) {
  LruCache<int> cache(16 * 100);
  for (int i = 0; i < 10'000; ++i) cache.Put(std::to_string(i), Value(i), 10);
  EXPECT_LE(cache.charge(), 1600u);
  EXPECT_GT(cache.charge(), 1000u);
}

TEST(LruCacheTest, EvictsWhatWasUsedLongestAgo) {
  LruCache<int> cache(16 * 20);  // Two entries a shard.
  cache.Put("kept", Value(0), 10);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_NE(cache.Get("kept"), nullptr);
    cache.Put(std::to_string(i), Value(i), 10);
  }
  EXPECT_NE(cache.Get("kept"), nullptr);
}

TEST(LruCacheTest, AnEvictedValueLivesWhileInUse) {
  LruCache<int> cache(16);
  cache.Put("a", Value(7), 1);
  const auto held = cache.Get("a");
  cache.Erase("a");
  EXPECT_EQ(*held, 7);
}

TEST(LruCacheTest, ShrinksByWhatWasUsedLongestAgo) {
  LruCache<int> cache(16 * 1000);
  for (int i = 0; i < 320; ++i) cache.Put(std::to_string(i), Value(i), 10);
  for (int i = 300; i < 320; ++i) cache.Get(std::to_string(i));
  const size_t freed = cache.Shrink(1600);
  EXPECT_GE(freed, 1600u);
  EXPECT_EQ(cache.charge(), 3200 - freed);
  int left = 0;
  for (int i = 300; i < 320; ++i) left += cache.Get(std::to_string(i)) != nullptr ? 1 : 0;
  EXPECT_GE(left, 15);  // Where keys lie uneven, a shard may be short of older ones.
  EXPECT_EQ(cache.Shrink(1 << 20), 3200 - freed);
  EXPECT_EQ(cache.charge(), 0u);
}

TEST(LruCacheTest, TakesItsChargesOfABudgetAndReturnsThem) {
  MemoryBudget budget(100, ResourceExhausted("full"));
  {
    LruCache<int> cache(1 << 20, &budget);
    cache.Put("a", Value(1), 60);
    EXPECT_EQ(budget.used(), 60u);
    cache.Put("a", Value(2), 80);
    EXPECT_EQ(budget.used(), 80u);
    cache.Erase("a");
    EXPECT_EQ(budget.used(), 0u);
    cache.Put("a", Value(1), 60);
  }
  EXPECT_EQ(budget.used(), 0u);
}

TEST(LruCacheTest, DoesNotKeepWhatTheBudgetHasNoRoomFor) {
  MemoryBudget budget(100, ResourceExhausted("full"));
  LruCache<int> cache(1 << 20, &budget);
  ASSERT_TRUE(budget.TakeSpare(90));
  cache.Put("a", Value(1), 20);
  EXPECT_EQ(cache.Get("a"), nullptr);
  EXPECT_EQ(budget.used(), 90u);
}

TEST(LruCacheTest, DoesNotKeepWhatIsTooLarge) {
  LruCache<int> cache(160);
  cache.Put("a", Value(1), 11);
  EXPECT_EQ(cache.Get("a"), nullptr);
}

}  // namespace
}  // namespace skald
