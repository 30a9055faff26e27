#include "model/matcher.h"

#include <gtest/gtest.h>

#include "support/matchers.h"

namespace skald::model {
namespace {

using test::HasMessage;
using test::IsOk;

Matcher Made(MatchOp op, std::string_view value) {
  auto matcher = Matcher::Make(op, "app", value);
  EXPECT_THAT(matcher, IsOk());
  return *std::move(matcher);
}

TEST(MatcherTest, EachOperatorDecides) {
  struct Row {
    MatchOp op;
    std::string operand;
    std::string value;
    bool matches;
  };
  const std::vector<Row> rows = {
      {MatchOp::kEqual, "a", "a", true},         {MatchOp::kEqual, "a", "ab", false},
      {MatchOp::kNotEqual, "a", "a", false},     {MatchOp::kNotEqual, "a", "", true},
      {MatchOp::kRegex, "a|b", "b", true},       {MatchOp::kRegex, "a|b", "ab", false},
      {MatchOp::kRegex, ".+", "x\ny", true},     {MatchOp::kRegex, ".*", "", true},
      {MatchOp::kNotRegex, "a.*", "abc", false}, {MatchOp::kNotRegex, "a.*", "ba", true},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Made(row.op, row.operand).Matches(row.value), row.matches)
        << Made(row.op, row.operand).ToString() << " " << row.value;
  }
}

TEST(MatcherTest, KnowsWhetherItMatchesTheEmptyValue) {
  EXPECT_TRUE(Made(MatchOp::kEqual, "").MatchesEmpty());
  EXPECT_TRUE(Made(MatchOp::kRegex, ".*").MatchesEmpty());
  EXPECT_FALSE(Made(MatchOp::kRegex, ".+").MatchesEmpty());
  EXPECT_TRUE(Made(MatchOp::kNotEqual, "a").MatchesEmpty());
}

TEST(MatcherTest, RefusesABadRegex) {
  EXPECT_THAT(Matcher::Make(MatchOp::kRegex, "app", "[a"),
              HasMessage("error parsing regexp: missing closing ]: `[a`"));
}

TEST(MatcherTest, ShowsLiteralSetsOfPositiveRegexesOnly) {
  ASSERT_NE(Made(MatchOp::kRegex, "a|b").literal_set(), nullptr);
  EXPECT_EQ(*Made(MatchOp::kRegex, "a|b").literal_set(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(Made(MatchOp::kNotRegex, "a|b").literal_set(), nullptr);
  EXPECT_EQ(Made(MatchOp::kRegex, "a.*").literal_set(), nullptr);
  EXPECT_EQ(Made(MatchOp::kEqual, "a").literal_set(), nullptr);
}

TEST(MatchersTest, AllMustHoldAndAMissingLabelIsEmpty) {
  const Labels labels{{"app", "api"}, {"env", "prod"}};
  Matchers matchers = {Made(MatchOp::kEqual, "api")};
  EXPECT_TRUE(MatchesAll(matchers, labels));
  matchers.push_back(*Matcher::Make(MatchOp::kEqual, "pod", ""));
  EXPECT_TRUE(MatchesAll(matchers, labels));
  matchers.push_back(*Matcher::Make(MatchOp::kNotEqual, "env", "prod"));
  EXPECT_FALSE(MatchesAll(matchers, labels));
  EXPECT_EQ(ToString(matchers), R"({app="api", pod="", env!="prod"})");
}

TEST(MatchersTest, MatchesEmptyTellsWhatFindsAStreamWithoutLabels) {
  EXPECT_TRUE(MatchesEmpty({}));
  Matchers matchers = {Made(MatchOp::kRegex, ".*"), Made(MatchOp::kNotEqual, "api")};
  EXPECT_TRUE(MatchesEmpty(matchers));
  matchers.push_back(Made(MatchOp::kRegex, ".+"));
  EXPECT_FALSE(MatchesEmpty(matchers));
}

}  // namespace
}  // namespace skald::model
