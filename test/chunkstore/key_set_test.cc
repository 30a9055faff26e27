#include "chunkstore/format/key_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "common/hash.h"
#include "support/matchers.h"

namespace skald::chunkstore {
namespace {

using test::HasCode;
using test::IsOk;

std::vector<uint32_t> EvenKeys(size_t count, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<uint32_t> keys(count);
  for (uint32_t& key : keys) key = static_cast<uint32_t>(random());
  std::ranges::sort(keys);
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

KeySetTable TableOf(const EncodedKeySet& set) {
  ByteReader reader(set.table);
  auto table = KeySetTable::Decode(reader);
  EXPECT_THAT(table, IsOk());
  EXPECT_THAT(reader.Finish("table"), IsOk());
  EXPECT_EQ(table->regions().regions_bytes(), set.regions.size());
  return *std::move(table);
}

Result<bool> Ask(const KeySetTable& table, const EncodedKeySet& set, uint32_t key) {
  const RegionTable::Region region = table.regions().RegionOf(key);
  return table.Has(key, std::string_view(set.regions).substr(region.offset, region.bytes));
}

bool Has(const KeySetTable& table, const EncodedKeySet& set, uint32_t key) {
  const auto has = Ask(table, set, key);
  EXPECT_THAT(has, IsOk());
  return has.ok() && *has;
}

TEST(KeySetTest, HasEveryKeyOfItAndFewOthers) {
  for (const size_t count : {0, 1, 2, 511, 513, 40'000}) {
    const std::vector<uint32_t> keys = EvenKeys(count, 1 + count);
    for (const uint64_t seldom : {8, 100, 1'000}) {
      const uint64_t range = std::max<uint64_t>(keys.size(), 1) * seldom;
      const EncodedKeySet set = EncodeKeySet(keys, {.range = range});
      const KeySetTable table = TableOf(set);
      EXPECT_EQ(table.keys(), keys.size());
      for (const uint32_t key : keys) ASSERT_TRUE(Has(table, set, key)) << key;
      size_t passed = 0;
      for (const uint32_t key : EvenKeys(20'000, 77)) passed += Has(table, set, key) ? 1 : 0;
      EXPECT_LE(passed, 20'000 / seldom + 200) << count << " at " << range;
    }
  }
}

TEST(KeySetTest, KeysThatAreOneWhenScaledAreKept) {
  const std::vector<uint32_t> keys = {5, 6, 7, 0x80000000u, 0x80000001u, 0xffffffffu};
  const EncodedKeySet set = EncodeKeySet(keys, {.range = 13, .keys_a_region = 1});
  const KeySetTable table = TableOf(set);
  for (const uint32_t key : keys) EXPECT_TRUE(Has(table, set, key));
  EXPECT_FALSE(Has(table, set, 0x40000000u));
}

TEST(KeySetTest, EveryDamagedByteOfARegionIsDataLoss) {
  const std::vector<uint32_t> keys = EvenKeys(300, 9);
  EncodedKeySet set = EncodeKeySet(keys, {.range = 300'000});
  const KeySetTable table = TableOf(set);
  for (char& byte : set.regions) {
    byte = static_cast<char>(byte ^ 0x10);
    EXPECT_THAT(Ask(table, set, keys.front()), HasCode(StatusCode::kDataLoss));
    byte = static_cast<char>(byte ^ 0x10);
  }
  EXPECT_THAT(table.Has(keys.front(), "short"), HasCode(StatusCode::kDataLoss));
}

TEST(KeySetTest, HostileTablesAndRegionsAreReadWithinBounds) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 20'000; ++round) {
    std::string table(random() % 24, '\0');
    for (char& byte : table) byte = static_cast<char>(random() % 3 == 0 ? random() : random() % 20);
    ByteReader reader(table);
    const auto decoded = KeySetTable::Decode(reader);
    if (!decoded.ok()) continue;
    const auto key = static_cast<uint32_t>(random());
    const uint64_t bytes = decoded->regions().RegionOf(key).bytes;
    std::string region;
    for (uint64_t i = 4; i < bytes; ++i) region.push_back(static_cast<char>(random() & random()));
    if (bytes >= 4) PutFixed32(region, Crc32c(region));
    (void)decoded->Has(key, region);
  }
}

}  // namespace
}  // namespace skald::chunkstore
