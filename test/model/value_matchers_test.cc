#include "model/value_matchers.h"

#include <gtest/gtest.h>

#include "support/matchers.h"

namespace skald::model {
namespace {

Matcher Made(MatchOp op, std::string_view name, std::string_view value) {
  auto matcher = Matcher::Make(op, name, value);
  EXPECT_THAT(matcher, test::IsOk());
  return *std::move(matcher);
}

TEST(ValueMatchersTest, AreOfEachValueIfNoneNamesValuesOrIsOfAnotherName) {
  const Matcher some = Made(MatchOp::kRegex, "app", "a.*");
  EXPECT_TRUE(AreOfEachValue({}, "app"));
  EXPECT_TRUE(AreOfEachValue({some}, "app"));
  EXPECT_TRUE(AreOfEachValue({Made(MatchOp::kNotEqual, "app", "a")}, "app"));
  EXPECT_TRUE(AreOfEachValue({some, Made(MatchOp::kNotRegex, "app", "a|b")}, "app"));
  EXPECT_FALSE(AreOfEachValue({some}, "id"));
  EXPECT_FALSE(AreOfEachValue({some, Made(MatchOp::kNotEqual, "id", "1")}, "app"));
  EXPECT_FALSE(AreOfEachValue({Made(MatchOp::kEqual, "app", "a")}, "app"));
  EXPECT_FALSE(AreOfEachValue({Made(MatchOp::kRegex, "app", "a|b")}, "app"));
}

TEST(ValueMatchersTest, AValueMatchesIfAllSaySo) {
  const Matchers matchers = {Made(MatchOp::kRegex, "app", "a.*"),
                             Made(MatchOp::kNotEqual, "app", "ab")};
  EXPECT_TRUE(MatchValue({}, "x"));
  EXPECT_TRUE(MatchValue(matchers, "abc"));
  EXPECT_FALSE(MatchValue(matchers, "ab"));
  EXPECT_FALSE(MatchValue(matchers, "b"));
}

}  // namespace
}  // namespace skald::model
