#include "querier/query_tags.h"

#include <gtest/gtest.h>

namespace skald::querier {
namespace {

TEST(QueryTagsTest, ReadsPairsAndCleansThem) {
  const struct {
    std::string_view header;
    QueryTags tags;
  } rows[] = {
      {"", {}},
      {"Source=grafana,user=a@b", {{"source", "grafana"}, {"user", "a@b"}}},
      {"a=<\"&>x", {{"a", "_x"}}},
      {"source=batch team=ops", {{"source", "batch team=ops"}}},
      {"=,,,noise,=x", {}},
      {"a=", {{"a", ""}}},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(ParseQueryTags(row.header), row.tags) << row.header;
  }
}

TEST(QueryTagsTest, KnowsDrilldown) {
  EXPECT_TRUE(FromDrilldown(ParseQueryTags("Source=grafana-lokiexplore-app")));
  EXPECT_FALSE(FromDrilldown(ParseQueryTags("Source=grafana")));
}

}  // namespace
}  // namespace skald::querier
