#include "common/byte_set_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace skald {
namespace {

ByteSet SetOf(std::string_view bytes) {
  ByteSet set;
  for (const char c : bytes) set.ascii.set(static_cast<uint8_t>(c));
  return set;
}

size_t Place(const ByteSetSearch& search, const std::string& text) {
  return static_cast<size_t>(search.Find(text.data(), text.data() + text.size()) - text.data());
}

TEST(ByteSetSearchTest, FindsTheFirstPlace) {
  const ByteSetSearch search({SetOf("45"), SetOf("0123456789"), SetOf(" \t")});
  EXPECT_EQ(search.size(), 3U);
  EXPECT_EQ(Place(search, "40 "), 0U);
  EXPECT_EQ(Place(search, "a 4050\t51 "), 4U);
  EXPECT_EQ(Place(search, "40"), 2U);
  EXPECT_EQ(Place(search, ""), 0U);
  EXPECT_EQ(Place(search, std::string(1000, '4') + "9 "), 999U);
}

TEST(ByteSetSearchTest, AgreesWithASearchByteByByte) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 3000; ++round) {
    std::vector<ByteSet> sets(1 + random() % 4);
    for (ByteSet& set : sets) {
      for (size_t count = random() % 40; count > 0; --count) set.ascii.set(random() % 128);
      set.beyond_ascii = random() % 2 == 0;
    }
    std::string text(random() % 200, '\0');
    for (char& c : text) c = static_cast<char>(random());
    size_t expected = 0;
    const auto stands_at = [&](size_t at) {
      size_t i = 0;
      while (i < sets.size() && sets[i].Has(static_cast<uint8_t>(text[at + i]))) ++i;
      return i == sets.size();
    };
    while (expected + sets.size() <= text.size() && !stands_at(expected)) ++expected;
    if (expected + sets.size() > text.size()) expected = text.size();
    ASSERT_EQ(Place(ByteSetSearch(sets), text), expected);
  }
}

TEST(ByteSetSearchTest, KnowsWhatLogsHaveMuchOf) {
  EXPECT_GT(UsualShare(SetOf("0123456789")), UsualShare(SetOf("45")));
  EXPECT_LT(UsualShare("timeout"), kTooFrequent);
  EXPECT_GT(UsualShare("a"), kTooFrequent);
}

}  // namespace
}  // namespace skald
