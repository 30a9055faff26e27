#include "querier/blocked_queries.h"

#include <gtest/gtest.h>

#include <string>

#include "support/matchers.h"

namespace skald::querier {
namespace {

BlockedQueries Rules(const char* yaml) {
  const auto node = ParseYaml(yaml);
  EXPECT_THAT(node, test::IsOk());
  return BlockedQueries(*node);
}

constexpr QueryKind kFilter = QueryKind::kFilter;
constexpr QueryKind kMetric = QueryKind::kMetric;

TEST(BlockedQueriesTest, ComparesTextsWithoutBlanksAroundThem) {
  const BlockedQueries rules = Rules(R"([{pattern: '  {app="a"} |= "x"  '}])");
  EXPECT_TRUE(rules.Blocks(R"({app="a"} |= "x")", kFilter, {}));
  EXPECT_FALSE(rules.Blocks(R"({app="a"} |= "X")", kFilter, {}));
}

TEST(BlockedQueriesTest, FindsARegexAnywhere) {
  const BlockedQueries rules = Rules("[{pattern: 'b.*metrics', regex: true, types: metric}]");
  EXPECT_TRUE(rules.Blocks("sum(b metrics)", kMetric, {}));
  EXPECT_FALSE(rules.Blocks("sum(b metrics)", kFilter, {})) << "not of its types";
}

TEST(BlockedQueriesTest, ARegexThatIsNoneNeverMatches) {
  EXPECT_FALSE(Rules("[{pattern: '(', regex: true}]").Blocks("(", kFilter, {}));
  for (const char* yes : {"True", "yes", "on"}) {
    const std::string rules = "[{pattern: a.c, regex: " + std::string(yes) + "}]";
    EXPECT_TRUE(Rules(rules.c_str()).Blocks("abc", kFilter, {})) << yes;
  }
}

TEST(BlockedQueriesTest, ATypeThatIsNoneIsThatOfNoQuery) {
  const BlockedQueries rules = Rules("[{pattern: x, types: metrics}]");
  EXPECT_FALSE(rules.Blocks("x", kMetric, {}));
  EXPECT_FALSE(rules.Blocks("x", kFilter, {}));
}

TEST(BlockedQueriesTest, AHashStandsForTheWholeText) {
  const BlockedQueries rules = Rules("[{hash: 3829270308, pattern: other}]");
  EXPECT_TRUE(rules.Blocks(R"({app="a"} |= "hashed")", kFilter, {}));
  EXPECT_FALSE(rules.Blocks("other", kFilter, {}));
}

TEST(BlockedQueriesTest, WantsAllTagsInAnyCase) {
  const BlockedQueries rules = Rules("[{query_tags: {team: ops, source: Batch}}]");
  EXPECT_TRUE(rules.Blocks("x", kFilter, {{"source", "batch"}, {"team", "OPS"}, {"a", "b"}}));
  EXPECT_FALSE(rules.Blocks("x", kFilter, {{"team", "ops"}}));
}

TEST(BlockedQueriesTest, TheFirstRuleWithTheTextDecides) {
  const BlockedQueries rules =
      Rules("[{pattern: first, types: metric}, {pattern: '.*first.*', regex: true}]");
  EXPECT_FALSE(rules.Blocks("first", kFilter, {}));
  EXPECT_TRUE(rules.Blocks("first and more", kFilter, {}));
}

}  // namespace
}  // namespace skald::querier
