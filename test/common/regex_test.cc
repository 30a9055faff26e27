#include "common/regex.h"

#include <gtest/gtest.h>

#include "support/matchers.h"

namespace skald {
namespace {

using test::HasMessage;
using test::IsOk;
using Spans = std::vector<std::pair<int, int>>;

std::shared_ptr<const Regex> Compiled(std::string_view pattern,
                                      Regex::Anchor anchor = Regex::Anchor::kNone) {
  auto regex = Regex::Compile(pattern, anchor);
  EXPECT_THAT(regex, IsOk()) << pattern;
  return regex.ok() ? *regex : nullptr;
}

TEST(RegexTest, MatchesAnywhereOrAsAWhole) {
  struct Row {
    std::string pattern;
    std::string text;
    bool anywhere;
    bool whole;
  };
  const std::vector<Row> rows = {
      {"b+", "abbc", true, false},
      {"ab+c", "abbc", true, true},
      {"a.c", "a\nc", false, true},
      {"(?s)a.c", "a\nc", true, true},
      {"", "anything", true, false},
      {"", "", true, true},
      {"a|b", "ab", true, false},
      {"^b", "a\nb", false, false},
      {"(?m)^b", "a\nb", true, false},
      {"(?i)error", "an ERROR", true, false},
      {"\\bword\\b", "a word.", true, false},
      {"\\pL", "\u00e9", true, true},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Compiled(row.pattern)->Matches(row.text), row.anywhere) << row.pattern;
    EXPECT_EQ(Compiled(row.pattern, Regex::Anchor::kBoth)->Matches(row.text), row.whole)
        << row.pattern;
  }
}

TEST(RegexTest, BytesThatAreNoUtf8MatchAsGoHasIt) {
  EXPECT_TRUE(
      Compiled("^a.c$")->Matches("a\xff"
                                 "c"));
  EXPECT_TRUE(
      Compiled("^a..c$")->Matches("a\xe2\x82"
                                  "c"));
  EXPECT_TRUE(Compiled("^[^x]+$")->Matches("a\xff"));
  EXPECT_TRUE(Compiled("\ufffd")->Matches("a\xff"));
  EXPECT_TRUE(
      Compiled("a.*z")->Matches("\xff"
                                "a\x80z"));
  EXPECT_FALSE(Compiled("^.$")->Matches("\xff\xff"));
  Spans groups;
  ASSERT_TRUE(
      Compiled("b(.)d")->Find("\xff"
                              "ab\x80"
                              "d",
                              0, groups));
  EXPECT_EQ(groups, (Spans{{2, 5}, {3, 4}}));
  EXPECT_EQ(Compiled(".")->ReplaceAll("\xff\u00e9", "x", true), "xx");
}

TEST(RegexTest, RefusesInGosWords) {
  struct Row {
    std::string pattern;
    std::string message;
  };
  const std::vector<Row> rows = {
      {"[a", "missing closing ]: `[a`"},
      {"a(b", "missing closing ): `a(b`"},
      {"a)b", "unexpected ): `a)b`"},
      {"*a", "missing argument to repetition operator: `*`"},
      {"a**", "invalid nested repetition operator: `**`"},
      {"a{1001}", "invalid repeat count: `{1001}`"},
      {"[b-a]", "invalid character class range: `b-a`"},
      {"\\q", "invalid escape sequence: `\\q`"},
      {"a\\", "trailing backslash at end of expression: ``"},
      {"(?z)", "invalid or unsupported Perl syntax: `(?z`"},
      {"(?P<n!>a)", "invalid named capture: `(?P<n!>`"},
  };
  for (const Row& row : rows) {
    EXPECT_THAT(Regex::Compile(row.pattern), HasMessage("error parsing regexp: " + row.message));
  }
  EXPECT_THAT(Regex::Compile("a(b", Regex::Anchor::kBoth),
              HasMessage("error parsing regexp: missing closing ): `a(b`"));
}

TEST(RegexTest, FindsGroups) {
  const auto regex = Compiled("(?P<key>\\w+)=(?<value>\\d+)?(x)?");
  EXPECT_EQ(regex->group_names(), (std::vector<std::string>{"", "key", "value", ""}));
  Spans groups;
  ASSERT_TRUE(regex->Find("  ab=12 cd=", 0, groups));
  EXPECT_EQ(groups, (Spans{{2, 7}, {2, 4}, {5, 7}, {-1, -1}}));
  ASSERT_TRUE(regex->Find("  ab=12 cd=", 7, groups));
  EXPECT_EQ(groups[0], (std::pair{8, 11}));
  EXPECT_EQ(groups[2], (std::pair{-1, -1}));
  EXPECT_FALSE(regex->Find("  ab=12 cd=", 11, groups));
}

TEST(RegexTest, FindsTheEmptyMatchOfAnEmptyText) {
  Spans groups;
  ASSERT_TRUE(Compiled("(a*)(b)?")->Find(std::string_view(), 0, groups));
  EXPECT_EQ(groups, (Spans{{0, 0}, {0, 0}, {-1, -1}}));
  EXPECT_EQ(Compiled("a*")->ReplaceAll(std::string_view(), "x", true), "x");
}

TEST(RegexTest, AngleGroupsAreNotMistakenElsewhere) {
  EXPECT_TRUE(Compiled("\\(?<")->Matches("(<"));
  EXPECT_TRUE(Compiled("[(?<]x")->Matches("<x"));
  EXPECT_TRUE(Compiled("[]](?<n>a)")->Matches("]a"));
  EXPECT_TRUE(Compiled("\\Q(?<\\E(?<n>a)")->Matches("(?<a"));
}

TEST(RegexTest, ReplacesAsGoDoes) {
  struct Row {
    std::string pattern;
    std::string text;
    std::string replacement;
    std::string result;
  };
  const std::vector<Row> rows = {
      {"b+", "abbcb", "-", "a-c-"},
      {"x*", "abc", "-", "-a-b-c-"},
      {"b*", "abc", "-", "-a-c-"},
      {"(a)(b)", "ab", "$2$1", "ba"},
      {"(a)(b)", "ab", "${1}x$1x", "ax"},
      {"(?P<w>\\w+)", "hi", "<$w>", "<hi>"},
      {"a", "a", "$$1 $ $9 ${}", "$1 $  ${}"},
      {"", "\u00e9", "-", "-\u00e9-"},
      {"^", "ab", "x", "xab"},
      {"$", "ab", "x", "abx"},
      {"nothing", "ab", "x", "ab"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Compiled(row.pattern)->ReplaceAll(row.text, row.replacement, false), row.result)
        << row.pattern;
  }
  EXPECT_EQ(Compiled("a")->ReplaceAll("aa", "$0", true), "$0$0");
}

TEST(RegexTest, KnowsLiteralSets) {
  struct Row {
    std::string pattern;
    std::optional<std::vector<std::string>> literals;
  };
  const std::vector<Row> rows = {
      {"abc", {{"abc"}}},
      {"b|a|c", {{"a", "b", "c"}}},
      {"app-(a|b)", {{"app-a", "app-b"}}},
      {"x[12]?", {{"x", "x1", "x2"}}},
      {"a\\.b", {{"a.b"}}},
      {"", {{""}}},
      {"(a|b){2}", {{"aa", "ab", "ba", "bb"}}},
      {"(?P<n>a)|b", {{"a", "b"}}},
      {"a.*", std::nullopt},
      {"(?i)a", std::nullopt},
      {"^a", std::nullopt},
      {"a+", std::nullopt},
      {"\\d", std::nullopt},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Compiled(row.pattern, Regex::Anchor::kBoth)->literal_set(), row.literals)
        << row.pattern;
  }
}

}  // namespace
}  // namespace skald
