#include "chunkstore/format/ribbon_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <random>
#include <string>
#include <vector>

#include "common/hash.h"
#include "support/matchers.h"

namespace skald::chunkstore {
namespace {

using test::HasCode;
using test::IsOk;

constexpr uint64_t kRoomForRegions = 64 << 20;

std::vector<uint64_t> Pairs(size_t count, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<uint64_t> pairs(count);
  for (uint64_t& pair : pairs) {
    pair =
        RibbonPair(static_cast<uint32_t>(random()), static_cast<uint32_t>(random() % kMaxGroups));
  }
  return pairs;
}

RibbonTable RibbonTableOf(const EncodedKeySet& set) {
  ByteReader reader(set.table);
  auto table = RibbonTable::Decode(reader);
  EXPECT_THAT(table, IsOk());
  EXPECT_THAT(reader.Finish("table"), IsOk());
  EXPECT_EQ(table->regions().regions_bytes(), set.regions.size());
  EXPECT_THAT(table->regions().Check(set.regions), IsOk());
  return *std::move(table);
}

Result<GroupBits> Ask(const RibbonTable& table, const EncodedKeySet& set, uint32_t key) {
  const RegionTable::Region region = table.regions().RegionOf(key);
  return table.GroupsOf(key, std::string_view(set.regions).substr(region.offset, region.bytes));
}

// Of absent keys, how many groups are told, as a share of all.
double WrongShare(const RibbonTable& table, const EncodedKeySet& set) {
  constexpr int kAsked = 4'000;
  std::mt19937_64 random(99);
  uint64_t wrong = 0;
  for (int i = 0; i < kAsked; ++i) {
    const auto groups = Ask(table, set, static_cast<uint32_t>(random()));
    EXPECT_THAT(groups, IsOk());
    wrong += static_cast<uint64_t>(std::popcount(*groups));
  }
  return static_cast<double>(wrong) / (kAsked * kMaxGroups);
}

TEST(RibbonSetTest, HasEveryPairOfItAndFewOthers) {
  for (const size_t count : {0, 1, 2, 7, 50, 64, 65, 1'000, 1'025, 40'000}) {
    const std::vector<uint64_t> pairs = Pairs(count, 1 + count);
    for (const double bits : {5.0, 9.0, 40.0}) {
      const auto max_bytes = static_cast<uint64_t>(bits / 8 * static_cast<double>(count)) + 60;
      const EncodedKeySet set = EncodeRibbonSet(pairs, max_bytes);
      ASSERT_FALSE(set.table.empty()) << count << " with " << bits;
      const RibbonTable table = RibbonTableOf(set);
      EXPECT_EQ(table.keys(), count);
      for (const uint64_t pair : pairs) {
        const auto groups = Ask(table, set, static_cast<uint32_t>(pair >> 32));
        ASSERT_THAT(groups, IsOk());
        ASSERT_NE(*groups >> (pair % kMaxGroups) & 1, 0u) << pair;
      }
      EXPECT_LE(WrongShare(table, set), 1.1 / 8) << count << " with " << bits;
    }
  }
}

TEST(RibbonSetTest, IsNarrowedToFewerBitsAPair) {
  for (const size_t count : {0, 1, 65, 40'000}) {
    const std::vector<uint64_t> pairs = Pairs(count, 1 + count);
    const EncodedKeySet whole = EncodeRibbonSet(pairs, kRoomForRegions);
    EXPECT_EQ(NarrowRibbonSet(whole.table, whole.regions, kRoomForRegions).regions, whole.regions);
    const uint64_t max_bytes = count * 9 / 16 + 60;
    const EncodedKeySet set = NarrowRibbonSet(whole.table, whole.regions, max_bytes);
    ASSERT_FALSE(set.table.empty()) << count;
    EXPECT_LE(set.bytes(), max_bytes);
    const RibbonTable table = RibbonTableOf(set);
    EXPECT_EQ(table.keys(), count);
    for (const uint64_t pair : pairs) {
      const auto groups = Ask(table, set, static_cast<uint32_t>(pair >> 32));
      ASSERT_THAT(groups, IsOk());
      ASSERT_NE(*groups >> (pair % kMaxGroups) & 1, 0u) << pair;
    }
    EXPECT_LE(WrongShare(table, set), 1.1 / 16) << count;
  }
  const EncodedKeySet whole = EncodeRibbonSet(Pairs(1'000, 1), kRoomForRegions);
  EXPECT_TRUE(NarrowRibbonSet(whole.table, whole.regions, 300).table.empty());
}

TEST(RibbonSetTest, IsWrongOnceIn4096TimesWhereThereIsRoom) {
  const EncodedKeySet set = EncodeRibbonSet(Pairs(30'000, 3), kRoomForRegions);
  EXPECT_NEAR(WrongShare(RibbonTableOf(set), set), 1.0 / 4096, 0.5 / 4096);
  EXPECT_LT(static_cast<double>(set.bytes()) * 8 / 30'000, 12 * 1.05);
}

TEST(RibbonSetTest, TakesNoMoreThanItWasGiven) {
  const std::vector<uint64_t> pairs = Pairs(100'000, 5);
  int written = 0;
  for (uint64_t bytes = 20'000; bytes < 200'000; bytes += 7'001) {
    const EncodedKeySet set = EncodeRibbonSet(pairs, bytes);
    EXPECT_LE(set.bytes(), bytes);
    written += set.table.empty() ? 0 : 1;
  }
  EXPECT_GT(written, 20);
  EXPECT_TRUE(EncodeRibbonSet(pairs, 38'000).table.empty()) << "less than three bits a pair";
}

TEST(RibbonSetTest, APairThatComesAgainTakesNothing) {
  std::vector<uint64_t> pairs = Pairs(5'000, 7);
  const uint64_t once = EncodeRibbonSet(pairs, kRoomForRegions).regions.size();
  pairs.resize(6'000, pairs.front());
  EXPECT_EQ(EncodeRibbonSet(pairs, kRoomForRegions).regions.size(), once);
}

TEST(RibbonSetTest, AKeyOfManyGroupsIsToldForEach) {
  std::vector<uint64_t> pairs = Pairs(500, 8);
  for (uint32_t group = 0; group < kMaxGroups; group += 2) pairs.push_back(RibbonPair(77, group));
  const EncodedKeySet set = EncodeRibbonSet(pairs, kRoomForRegions);
  EXPECT_EQ(*Ask(RibbonTableOf(set), set, 77) & 0x55555555u, 0x55555555u);
}

TEST(RibbonSetTest, KeysOfOneRegionAreATableOfTheirOwn) {
  std::vector<uint64_t> pairs;
  for (uint32_t key = 0; key < 2'000; ++key) pairs.push_back(RibbonPair(key, 1));
  const EncodedKeySet set = EncodeRibbonSet(pairs, kRoomForRegions);
  const RibbonTable table = RibbonTableOf(set);
  for (uint32_t key = 0; key < 2'000; ++key) EXPECT_NE(*Ask(table, set, key) & 2, 0u);
  EXPECT_EQ(*Ask(table, set, 1u << 31), 0u) << "a region without keys";
}

TEST(RibbonSetTest, EveryDamagedByteOfARegionIsDataLoss) {
  const std::vector<uint64_t> pairs = Pairs(300, 9);
  EncodedKeySet set = EncodeRibbonSet(pairs, kRoomForRegions);
  const RibbonTable table = RibbonTableOf(set);
  const auto key = static_cast<uint32_t>(pairs.front() >> 32);
  for (char& byte : set.regions) {
    byte = static_cast<char>(byte ^ 0x10);
    EXPECT_THAT(Ask(table, set, key), HasCode(StatusCode::kDataLoss));
    EXPECT_THAT(table.regions().Check(set.regions), HasCode(StatusCode::kDataLoss));
    byte = static_cast<char>(byte ^ 0x10);
  }
  EXPECT_THAT(table.GroupsOf(key, "short"), HasCode(StatusCode::kDataLoss));
}

TEST(RibbonSetTest, HostileTablesAndRegionsAreReadWithinBounds) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(random() % 24, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random() % 3 == 0 ? random() : random() % 20);
    ByteReader reader(bytes);
    const auto table = RibbonTable::Decode(reader);
    if (!table.ok()) continue;
    const auto key = static_cast<uint32_t>(random());
    std::string region;
    for (uint64_t left = table->regions().RegionOf(key).bytes; left > 4; --left) {
      region.push_back(static_cast<char>(random()));
    }
    PutFixed32(region, Crc32c(region));
    (void)table->GroupsOf(key, region);
  }
}

}  // namespace
}  // namespace skald::chunkstore
