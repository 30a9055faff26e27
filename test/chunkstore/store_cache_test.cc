// What a store keeps of what it has read, and how often it reads it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "chunkstore/store_fixture.h"
#include "chunkstore/test_entries.h"
#include "common/memory_budget.h"
#include "common/metrics.h"
#include "support/matchers.h"

namespace skald::chunkstore {
namespace {

using model::Direction;
using model::ScanContext;
using model::ScanRequest;
using test::IsOk;
using test::TestEntry;

using StoreCacheTest = StoreFixture;

TEST_F(StoreCacheTest, WhatIsReadASecondTimeIsCached) {
  Put({{"app", "api"}}, test::EntryGenerator(6).Entries(1000));
  for (int read = 0; read < 2; ++read) {
    ScanContext context;
    EXPECT_EQ(Read(Request(), context).size(), 1000u);
    EXPECT_GT(context.stats.compressed_bytes, 0u);
  }
  ScanContext third;
  EXPECT_EQ(Read(Request(), third).size(), 1000u);
  EXPECT_EQ(third.stats.compressed_bytes, 0u);
  EXPECT_EQ(third.stats.decompressed_lines, 1000u);
}

TEST_F(StoreCacheTest, TellsWhatTheCacheOfBlocksHolds) {
  const auto entries = Metrics::GetGauge("loki_embeddedcache_entries", "Values that a cache holds.",
                                         {{"cache", "blocks"}});
  const auto bytes = Metrics::GetGauge("loki_embeddedcache_memory_bytes",
                                       "Bytes that a cache holds.", {{"cache", "blocks"}});
  const auto hits = Metrics::GetCounter("loki_cache_hits", "What a cache was asked for, and had.",
                                        {{"name", "blocks"}});
  const double hits_before = hits.value();
  Put({{"app", "api"}}, test::EntryGenerator(6).Entries(1000));
  for (int read = 0; read < 3; ++read) EXPECT_EQ(Read(Request()).size(), 1000u);
  EXPECT_EQ(entries.value(), 1);
  EXPECT_GT(bytes.value(), 1000);
  EXPECT_EQ(hits.value(), hits_before + 1);
  store_->ShrinkCaches(uint64_t{1} << 40);
  EXPECT_EQ(entries.value(), 0);
  EXPECT_EQ(bytes.value(), 0);
}

TEST_F(StoreCacheTest, WhatCachesHoldIsOfTheBudgetAndGoesBackToIt) {
  const std::vector<TestEntry> entries = test::EntryGenerator(6).Entries(1000);
  Put({{"app", "api"}}, entries);
  MemoryBudget budget(16 << 20, Status(StatusCode::kResourceExhausted, "too much"));
  store_.reset();
  auto store = ChunkStore::Open({.index_folder = IndexFolder(), .fetcher = {.memory = &budget}},
                                *objects_, clock_);
  ASSERT_THAT(store, IsOk());
  store_ = *std::move(store);
  ScanRequest request = Request();
  request.literals = {{.any_of = {" status="}}};
  for (int read = 0; read < 3; ++read) EXPECT_EQ(Read(request).size(), entries.size());
  size_t line_bytes = 0;
  for (const TestEntry& entry : entries) line_bytes += entry.line.size();
  EXPECT_GT(budget.used(), line_bytes);
  store_->ShrinkCaches(uint64_t{1} << 40);
  EXPECT_EQ(budget.used(), 0u);
  // Nothing is cached that the budget has no room for, and nothing fails for it.
  EXPECT_TRUE(budget.TakeSpare(16 << 20));
  for (int read = 0; read < 3; ++read) EXPECT_EQ(Read(request).size(), entries.size());
  budget.Return(16 << 20);
  EXPECT_EQ(budget.used(), 0u);
  store_.reset();
}

// To cache a block it is put together whole, which takes longer than to search it.
TEST_F(StoreCacheTest, ABlockInWhichASearchFindsFewLinesIsNotCached) {
  std::vector<TestEntry> entries = test::EntryGenerator(6).Entries(1000);
  entries[500].line += " needle";
  Put({{"app", "api"}}, entries, {.codec = Codec::kZstd, .split_lines = true});
  ScanRequest request = Request();
  request.literals = {{.any_of = {"needle"}}};
  for (int read = 0; read < 4; ++read) {
    ScanContext context;
    EXPECT_EQ(Read(request, context).size(), 1u);
    EXPECT_GT(context.stats.compressed_bytes, 0u);
  }
}

// Most filters of a search of many chunks are read once: they would only touch new memory, and push
// out what others keep.
TEST_F(StoreCacheTest, FiltersAreCachedWhenAskedASecondTimeAndAFewOfAScan) {
  constexpr size_t kHeadCacheBytes = 1 << 20;
  constexpr size_t kFilterBytesOfAScan = kHeadCacheBytes / 4 / 16;
  store_.reset();
  auto store = ChunkStore::Open(
      {.index_folder = IndexFolder(), .fetcher = {.head_cache_bytes = kHeadCacheBytes}}, *objects_,
      clock_);
  ASSERT_THAT(store, IsOk());
  store_ = *std::move(store);
  for (uint64_t stream = 0; stream < 60; ++stream) {
    Put({{"app", std::to_string(stream)}}, test::EntryGenerator(stream).Entries(1000));
  }
  ScanRequest request = Request();
  request.literals = {{.any_of = {"nowhere to be found"}}};
  const auto read_bytes = [&] {
    ScanContext context;
    EXPECT_THAT(Read(request, context), testing::IsEmpty());
    return context.stats.compressed_bytes.load();
  };
  const uint64_t with_heads = read_bytes();
  const uint64_t all_filters = read_bytes();
  EXPECT_LT(all_filters, with_heads);
  EXPECT_GT(all_filters, 3 * kFilterBytesOfAScan);
  const uint64_t third = read_bytes();
  EXPECT_LT(third, all_filters);
  EXPECT_GE(third + kFilterBytesOfAScan, all_filters);
  EXPECT_LT(read_bytes(), third);
}

TEST_F(StoreCacheTest, AQueryDecompressesABlockOnce) {
  const std::vector<TestEntry> entries = test::EntryGenerator(22).Entries(4000);
  std::vector<TestEntry> halves[2];  // Of the same time, so that their chunks are merged.
  for (size_t i = 0; i < entries.size(); ++i) halves[i % 2].push_back(entries[i]);
  for (const auto& half : halves) Put({{"app", "api"}}, half, {.block_bytes = 16 << 10});
  ScanContext plain;
  EXPECT_EQ(Read(Request(), plain).size(), entries.size());
  EXPECT_EQ(plain.stats.decompressed_lines, entries.size());
  for (const Direction direction : {Direction::kForward, Direction::kBackward}) {
    Reopen();  // With empty caches.
    ScanRequest request = Request();
    request.direction = direction;
    request.literals = {{.any_of = {" status="}}, {.any_of = {"level=info"}}};
    ScanContext context;
    EXPECT_EQ(Read(request, context).size(), entries.size());
    EXPECT_EQ(context.stats.decompressed_lines, entries.size());
    EXPECT_EQ(context.stats.decompressed_bytes, plain.stats.decompressed_bytes);
  }
}

// The columns that decide whether the rest of a block is wanted are part of it.
TEST_F(StoreCacheTest, ASearchOfMetadataDecompressesABlockOnce) {
  std::vector<TestEntry> entries = test::EntryGenerator(22).Entries(4000);
  for (size_t i = 0; i < entries.size(); ++i) {
    entries[i].metadata = {{"region", i % 100 == 0 ? "north" : "south"}, {"zone", "a"}};
  }
  Put({{"app", "api"}}, entries, {.block_bytes = 16 << 10});
  ScanContext plain;
  EXPECT_EQ(Read(Request(), plain).size(), entries.size());
  for (const Direction direction : {Direction::kForward, Direction::kBackward}) {
    Reopen();  // With empty caches.
    ScanRequest request = Request();
    request.direction = direction;
    request.labels = {{.name = "region", .any_of = {"north"}}};
    // What was read once is remembered, read again it is kept, and then it is at hand.
    for (int read = 0; read < 3; ++read) {
      ScanContext context;
      std::vector<TestEntry> found = Read(request, context);
      if (direction == Direction::kBackward) std::ranges::reverse(found);
      ASSERT_EQ(found.size(), entries.size() / 100);
      for (size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i], entries[i * 100]);
      EXPECT_EQ(context.stats.decompressed_lines, entries.size());
      EXPECT_EQ(context.stats.decompressed_bytes, plain.stats.decompressed_bytes);
      EXPECT_EQ(context.stats.decompressed_metadata_bytes, plain.stats.decompressed_metadata_bytes);
    }
  }
}

}  // namespace
}  // namespace skald::chunkstore
