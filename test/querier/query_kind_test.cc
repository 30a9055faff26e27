#include "querier/query_kind.h"

#include <gtest/gtest.h>

#include "logql/parser.h"
#include "support/matchers.h"

namespace skald::querier {
namespace {

TEST(QueryKindTest, TellsWhatCanDropLines) {
  const struct {
    const char* query;
    QueryKind kind;
  } rows[] = {
      {R"({app="a"})", QueryKind::kLimited},
      {R"({app="a"} | json)", QueryKind::kLimited},
      {R"({app="a"} |= "")", QueryKind::kLimited},
      {R"({app="a"} |= "x")", QueryKind::kFilter},
      {R"({app="a"} != "x")", QueryKind::kFilter},
      {R"({app="a"} | json | status=500)", QueryKind::kFilter},
      {R"(rate({app="a"}[1m]))", QueryKind::kMetric},
      {"1+1", QueryKind::kMetric},
  };
  for (const auto& row : rows) {
    const auto expr = logql::Parse(row.query);
    ASSERT_THAT(expr, test::IsOk()) << row.query;
    EXPECT_EQ(KindOf(**expr), row.kind) << row.query;
  }
}

TEST(QueryKindTest, FindsTheLongestRange) {
  const auto expr = logql::Parse(
      R"(label_replace(sum(rate({a="b"}[5m])), "x", "y", "z", ".*") / sum(rate({a="b"}[1h])))");
  ASSERT_THAT(expr, test::IsOk());
  EXPECT_EQ(LongestRange(**expr), 3600ll * 1'000'000'000);
}

}  // namespace
}  // namespace skald::querier
