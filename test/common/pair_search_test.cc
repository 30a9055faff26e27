#include "common/pair_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace skald {
namespace {

PairSearch SearchFor(const std::string& one, const std::string& other, bool fold_case = false) {
  return {SubstringSearch(one, fold_case), SubstringSearch(other, fold_case)};
}

size_t Place(const PairSearch& search, const std::string& text) {
  return static_cast<size_t>(search.Find(text.data(), text.data() + text.size()) - text.data());
}

size_t SizeAt(const PairSearch& search, const std::string& text, size_t at) {
  return search.SizeAt(text.data() + at, text.data() + text.size());
}

TEST(PairSearchTest, FindsWhicheverIsFirst) {
  const PairSearch search = SearchFor("slow query", "gone");
  const std::string filler(100, 'o');
  EXPECT_EQ(Place(search, filler + "gone" + filler + "slow query"), 100U);
  EXPECT_EQ(Place(search, filler + "slow query" + filler + "gone"), 100U);
  EXPECT_EQ(Place(search, filler + "slow" + filler + "one"), 207U);
  EXPECT_EQ(Place(search, "gon"), 3U);
  EXPECT_EQ(Place(search, ""), 0U);
}

TEST(PairSearchTest, IgnoresCaseWhenTold) {
  EXPECT_EQ(Place(SearchFor("exhausted", "slow query", true), "a SLOW qUERY"), 2U);
  EXPECT_EQ(Place(SearchFor("exhausted", "slow query", false), "a SLOW qUERY"), 12U);
}

TEST(PairSearchTest, TellsTheShorterOfTwoAtAPlace) {
  const PairSearch search = SearchFor("abcd", "ab");
  EXPECT_EQ(SizeAt(search, "abcd", 0), 2U);
  const PairSearch apart = SearchFor("abcd", "ax");
  EXPECT_EQ(SizeAt(apart, "abcd", 0), 4U);
  EXPECT_EQ(SizeAt(apart, "abcax", 3), 2U);
}

TEST(PairSearchTest, FindsWhatASearchOfEachFinds) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto text_of = [&](size_t length) {
    std::string text;
    for (size_t i = 0; i < length; ++i) text.push_back("abAB\n\0\xff"[random() % 7]);
    return text;
  };
  for (int round = 0; round < 3000; ++round) {
    const std::string one = text_of(1 + random() % 5);
    const std::string other = text_of(1 + random() % 9);
    const std::string text = text_of(random() % 200);
    const size_t expected = std::min({text.find(one), text.find(other), text.size()});
    const PairSearch search = SearchFor(one, other);
    ASSERT_EQ(Place(search, text), expected) << "round " << round;
    if (expected == text.size()) continue;
    size_t size = std::string::npos;
    for (const std::string& needle : {one, other}) {
      if (text.compare(expected, needle.size(), needle) == 0) size = std::min(size, needle.size());
    }
    ASSERT_EQ(SizeAt(search, text, expected), size) << "round " << round;
  }
}

}  // namespace
}  // namespace skald
