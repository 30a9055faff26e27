#include <gtest/gtest.h>

#include <string>

#include "logql/parser.h"
#include "logql/printer.h"
#include "support/matchers.h"

namespace skald::logql {
namespace {

using test::IsOk;

std::string Pretty(const std::string& query) {
  const auto expr = Parse(query);
  EXPECT_THAT(expr, IsOk()) << query;
  return expr.ok() ? PrettyPrint(**expr) : "";
}

TEST(PrettyPrinterTest, LeavesShortQueriesOnOneLine) {
  EXPECT_EQ(Pretty(R"(sum by (app,pod) (rate({app="web"}[5m] offset 1h)))"),
            R"(sum by (app,pod)(rate({app="web"}[5m] offset 1h0m0s)))");
}

TEST(PrettyPrinterTest, SplitsBeyondAHundredCharacters) {
  const std::string query = R"({app="web"} |= ")" + std::string(83, 'x') + "\"";
  ASSERT_EQ(query.size(), 100u);
  EXPECT_EQ(Pretty(query), query);
  EXPECT_EQ(Pretty(R"({app="web"} |= ")" + std::string(84, 'x') + "\""),
            "{app=\"web\"}\n  |= \"" + std::string(84, 'x') + "\"");
}

TEST(PrettyPrinterTest, PutsEachStageOnALine) {
  EXPECT_EQ(Pretty(R"({cluster="prod", namespace="checkout"} |= "error" != "debug" | json )"
                   R"(| status >= 500 or took > 1s | line_format "{{.msg}}")"),
            R"({cluster="prod", namespace="checkout"}
  |= "error"
  != "debug"
  | json
  | ( status>=500 or took>1s )
  | line_format "{{.msg}}")");
}

TEST(PrettyPrinterTest, SplitsCallsArgumentByArgument) {
  EXPECT_EQ(
      Pretty(R"(avg(quantile_over_time(0.99,{container="ingress-nginx",service="hosted-grafana"})"
             R"(| json| unwrap response_latency_seconds | __error__=""[1m] offset 1h) )"
             R"(by (cluster,pod)) by (cluster,zone))"),
      R"(avg by (cluster, zone)(
  quantile_over_time(
    0.99,
    {container="ingress-nginx", service="hosted-grafana"}
      | json
      | unwrap response_latency_seconds
      | __error__="" [1m] offset 1h
  ) by (cluster, pod)
))");
}

TEST(PrettyPrinterTest, KeepsARangeThatFitsOnOneLine) {
  EXPECT_EQ(Pretty(R"(label_replace(rate({cluster="production", namespace="checkout"} |= "error" )"
                   R"q(| unwrap took | a="b" [1m]), "destination", "$1", "source", "(.*)"))q"),
            R"q(label_replace(
  rate({cluster="production", namespace="checkout"} |= "error" | unwrap took | a="b"[1m]),
  "destination",
  "$1",
  "source",
  "(.*)"
))q");
  EXPECT_EQ(Pretty(R"(quantile_over_time(0.99, {cluster="production", namespace="checkout"} )"
                   R"(| unwrap took | a="b" [1m]) by (cluster, namespace))"),
            R"(quantile_over_time(
  0.99,
  {cluster="production", namespace="checkout"} | unwrap took | a="b" [1m]
) by (cluster, namespace))");
}

TEST(PrettyPrinterTest, PutsOperatorsBetweenTheirOperands) {
  EXPECT_EQ(Pretty(R"(sum(rate({cluster="production"} |= "error" [5m])) / on (cluster) group_left )"
                   R"((zone) sum(rate({cluster="production"}[5m])))"),
            R"(  sum(rate({cluster="production"} |= "error"[5m]))
/ on (cluster) group_left (zone)
  sum(rate({cluster="production"}[5m])))");
}

TEST(PrettyPrinterTest, KeepsParenthesesThatMatter) {
  const std::string a = R"(sum(rate({cluster="production", namespace="checkout"}[5m])))";
  EXPECT_EQ(Pretty(a + "+" + a + "*" + a), "  " + a + "\n+\n    " + a + "\n  *\n    " + a);
  EXPECT_EQ(Pretty("(" + a + "+" + a + ")*2"),
            "  (\n      " + a + "\n    +\n      " + a + "\n  )\n*\n  2");
  EXPECT_EQ(Pretty(a + "-(" + a + "-" + a + ")"),
            "  " + a + "\n-\n  (\n      " + a + "\n    -\n      " + a + "\n  )");
}

}  // namespace
}  // namespace skald::logql
