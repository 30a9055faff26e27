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

TEST(LruCacheTest, DoesNotKeepWhatIsTooLarge) {
  LruCache<int> cache(160);
  cache.Put("a", Value(1), 11);
  EXPECT_EQ(cache.Get("a"), nullptr);
}

}  // namespace
}  // namespace skald
