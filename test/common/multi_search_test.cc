#include "common/multi_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace skald {
namespace {

using FoundSpans = std::vector<std::pair<size_t, size_t>>;

FoundSpans FindAll(const std::vector<std::string>& needles, bool fold_case, std::string_view text) {
  const auto search = MultiSearch::Make(needles, fold_case);
  FoundSpans spans;
  EXPECT_NE(search, nullptr);
  if (search == nullptr) return spans;
  EXPECT_TRUE(
      search->ForEach(text, [&](size_t begin, size_t end) { spans.emplace_back(begin, end); }));
  std::sort(spans.begin(), spans.end());
  return spans;
}

TEST(MultiSearchTest, FindsEveryTextWhereverItIs) {
  EXPECT_EQ(FindAll({"ab", "bc", "abcd"}, false, "xabcd"), (FoundSpans{{1, 3}, {1, 5}, {2, 4}}));
  EXPECT_EQ(FindAll({"ab", "bc", "x.y"}, false, "xay xxy AB"), FoundSpans());
}

TEST(MultiSearchTest, IgnoresCaseWhenTold) {
  EXPECT_EQ(FindAll({"error", "warn"}, true, "ERROR wArN"), (FoundSpans{{0, 5}, {6, 10}}));
  EXPECT_EQ(FindAll({"error", "warn"}, false, "ERROR wArN"), FoundSpans());
}

TEST(MultiSearchTest, TakesBytesOfAnyKind) {
  const std::string zero("a\0b", 3);
  EXPECT_EQ(FindAll({zero, "\xff\xfe", "\n"}, false, "a" + zero + "\xff\xfe\n"),
            (FoundSpans{{1, 4}, {4, 6}, {6, 7}}));
}

TEST(MultiSearchTest, RefusesAnEmptyText) {
  EXPECT_EQ(MultiSearch::Make({"a", ""}, false), nullptr);
}

TEST(MultiSearchTest, FindsWhatASearchOfEachTextFinds) {
  std::mt19937_64 random(5);
  const auto text_of = [&](size_t length) {
    std::string text;
    for (size_t i = 0; i < length; ++i) text.push_back("abAB\n"[random() % 5]);
    return text;
  };
  for (int round = 0; round < 50; ++round) {
    std::vector<std::string> needles;
    for (int i = 0; i < 5; ++i) needles.push_back(text_of(2 + random() % 6));
    std::sort(needles.begin(), needles.end());
    needles.erase(std::unique(needles.begin(), needles.end()), needles.end());
    const std::string text = text_of(3000);
    FoundSpans expected;
    for (const std::string& needle : needles) {
      for (size_t at = text.find(needle); at != text.npos; at = text.find(needle, at + 1)) {
        expected.emplace_back(at, at + needle.size());
      }
    }
    std::sort(expected.begin(), expected.end());
    ASSERT_EQ(FindAll(needles, false, text), expected) << "round " << round;
  }
}

}  // namespace
}  // namespace skald
