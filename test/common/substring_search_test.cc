#include "common/substring_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace skald {
namespace {

size_t Place(const SubstringSearch& search, const std::string& text) {
  return static_cast<size_t>(search.Find(text.data(), text.data() + text.size()) - text.data());
}

TEST(SubstringSearchTest, FindsTheFirstPlace) {
  const SubstringSearch search("request_id=9f31");
  const std::string filler(100, 'q');
  EXPECT_EQ(Place(search, "request_id=9f31 request_id=9f31"), 0U);
  EXPECT_EQ(Place(search, filler + "request_id=9f30 request_id=9f31"), 116U);
  EXPECT_EQ(Place(search, filler + "request_id=9f3"), 114U);
  EXPECT_EQ(Place(search, ""), 0U);
  EXPECT_EQ(Place(SubstringSearch(""), "x"), 0U);
}

TEST(SubstringSearchTest, FoldsLettersOfAsciiOnly) {
  EXPECT_EQ(Place(SubstringSearch("error[k]", true), "ERROR[K] eRRor{k} "), 0U);
  EXPECT_EQ(Place(SubstringSearch("error[k]", true), "eRRor{k}eRRor[K]"), 8U);
  EXPECT_EQ(Place(SubstringSearch("k", true), "\xe2\x84\xaa K"), 4U);
  EXPECT_FALSE(SubstringSearch("error").Contains("ERROR"));
}

TEST(SubstringSearchTest, AgreesWithTheStandardLibrary) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto text_of = [&](size_t length) {
    std::string text;
    for (size_t i = 0; i < length; ++i) text.push_back("abAB\n\0\xff"[random() % 7]);
    return text;
  };
  for (int round = 0; round < 3000; ++round) {
    const std::string needle = text_of(1 + random() % 6);
    const std::string text = text_of(random() % 200);
    ASSERT_EQ(Place(SubstringSearch(needle), text), std::min(text.find(needle), text.size()))
        << "round " << round;
  }
}

}  // namespace
}  // namespace skald
