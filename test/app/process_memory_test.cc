#include "app/process_memory.h"

#include <gtest/gtest.h>

#include <string>

#include "common/lru_cache.h"
#include "support/matchers.h"

namespace skald::app {
namespace {

using test::HasMessage;
using test::IsOk;

constexpr uint64_t kMiB = 1 << 20;

MemoryShares Shares(uint64_t all) {
  MemoryShares shares;
  shares.all = all;
  return shares;
}

TEST(ProcessMemoryTest, SettingsStandWhereThereIsEnough) {
  AppConfig config;
  config.query_memory_bytes = 700 * kMiB;
  const MemoryShares shares = ShareMemory(config, 16384 * kMiB);
  EXPECT_EQ(shares.entries, config.ingester.memory_bytes);
  EXPECT_EQ(shares.streams, config.ingester.stream_memory_bytes);
  EXPECT_EQ(shares.patterns, config.patterns.memory_bytes);
  EXPECT_EQ(shares.block_cache, config.chunk_cache_bytes);
  EXPECT_EQ(shares.queries, 700 * kMiB);
  EXPECT_EQ(shares.pack, config.compactor.job.pack_bytes);
}

TEST(ProcessMemoryTest, InASmallContainerWritersLeaveHalfOfIt) {
  const MemoryShares shares = ShareMemory(AppConfig(), 256 * kMiB);
  EXPECT_LE(2 * shares.entries + shares.streams + shares.patterns, 256 * kMiB * 17 / 32);
  EXPECT_GE(shares.entries, 32 * kMiB);
  EXPECT_EQ(shares.queries, 256 * kMiB);
  EXPECT_EQ(shares.pack, 16 * kMiB);
}

TEST(ProcessMemoryTest, NoBoundOfOnesOwnIsTheBoundOfAll) {
  AppConfig config;
  config.query_memory_bytes = 0;
  config.ingester.stream_memory_bytes = 0;
  const MemoryShares shares = ShareMemory(config, 800 * kMiB);
  EXPECT_EQ(shares.queries, 800 * kMiB);
  EXPECT_EQ(shares.streams, 200 * kMiB);
}

TEST(ProcessMemoryTest, WhatWritersHoldQueriesCannotTake) {
  ProcessMemory memory(Shares(100));
  uint64_t held = 30;
  memory.AddWriter([&] { return held; });
  memory.AddWriter([] { return 20; });
  EXPECT_THAT(memory.budget().Take(51),
              HasMessage("queries and what is pushed would together hold more than 100 B in memory "
                         "(common.memory_bytes); try again later, or ask for less"));
  EXPECT_THAT(memory.budget().Take(50), IsOk());
  held = 60;
  EXPECT_FALSE(memory.budget().TakeSpare(1));
  memory.budget().Return(50);
  EXPECT_THAT(memory.budget().Take(20), IsOk());
}

TEST(ProcessMemoryTest, CachesGiveWayToQueries) {
  ProcessMemory memory(Shares(1600));
  LruCache<int> cache(1 << 20, &memory.budget());
  memory.AddCache([&](uint64_t bytes) { cache.Shrink(bytes); });
  for (int i = 0; i < 1000; ++i) {
    cache.Put(std::to_string(i), std::make_shared<const int>(i), 10);
  }
  EXPECT_GT(cache.charge(), 1500u);  // What nobody else has.
  EXPECT_LE(memory.budget().used(), 1600u);
  EXPECT_THAT(memory.budget().Take(1000), IsOk());
  EXPECT_EQ(memory.budget().used(), 1000 + cache.charge());
  EXPECT_LE(cache.charge(), 600u);
  EXPECT_GT(cache.charge(), 500u);  // No more than is needed.
  EXPECT_THAT(memory.budget().Take(600), IsOk());
  EXPECT_EQ(cache.charge(), 0u);
}

}  // namespace
}  // namespace skald::app
