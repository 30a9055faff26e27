#include "common/nearest_name.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace skald {
namespace {

std::string Nearest(NearestName nearest, const std::vector<std::string>& known) {
  for (const std::string& name : known) nearest.Offer(name);
  return nearest.best();
}

TEST(NearestNameTest, FindsTheNameWithTheFewestWrongLetters) {
  const std::vector<std::string> known = {"server", "querier", "query_range", "ruler"};
  const struct {
    const char* name;
    const char* nearest;
  } kRows[] = {
      {"serverr", "server"},
      {"srver", "server"},
      {"serevr", "server"},
      {"queryrange", "query_range"},
      {"quarier", "querier"},
      {"moon", ""},
      {"", ""},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(Nearest(NearestName(row.name), known), row.nearest) << row.name;
  }
}

TEST(NearestNameTest, TakesTheFirstOfEquals) {
  EXPECT_EQ(Nearest(NearestName("cab"), {"cat", "car"}), "cat");
}

TEST(NearestNameTest, KeepsToTheLettersThatMayBeWrong) {
  EXPECT_EQ(Nearest(NearestName("max_agee", 1), {"min_age", "max_age"}), "max_age");
  EXPECT_EQ(Nearest(NearestName("max_age", 1), {"min_age"}), "");
  EXPECT_EQ(Nearest(NearestName("dir", 0), {"dirs"}), "");
}

}  // namespace
}  // namespace skald
