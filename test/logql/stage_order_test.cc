#include "logql/plan/stage_order.h"

#include <gtest/gtest.h>

#include <string>

#include "logql/parser.h"
#include "logql/printer.h"

namespace skald::logql {
namespace {

// The stages of `query` in the order they run; those that have moved behind a `*`.
std::string OrderedStages(const std::string& query) {
  const auto expr = Parse(query);
  if (!expr.ok()) return std::string(expr.status().message());
  std::string text;
  for (const OrderedStage& ordered : OrderStages(std::get<LogExpr>((*expr)->node))) {
    text += (text.empty() ? "" : " ") + std::string(ordered.why.empty() ? "" : "*") +
            Print(*ordered.stage);
  }
  return text;
}

struct OrderRow {
  const char* query;
  const char* ordered;
};

class StageOrderTest : public testing::TestWithParam<OrderRow> {};

TEST_P(StageOrderTest, PutsFirstWhatCostsLittleAndLeavesLittle) {
  EXPECT_EQ(OrderedStages(GetParam().query), GetParam().ordered) << GetParam().query;
}

INSTANTIATE_TEST_SUITE_P(
    LineFilters, StageOrderTest,
    testing::Values(OrderRow{R"({a="b"} |~ "x+" |= "y")", R"(*|= "y" *|~ "x+")"},
                    OrderRow{R"({a="b"} |= "x" != "y" |~ "z")", R"(|= "x" != "y" |~ "z")"},
                    OrderRow{R"({a="b"} |= ip("1.2.3.4") !~ "x" |> "<_>y")",
                             R"(*|> "<_>y" !~ "x" *|= ip("1.2.3.4"))"},
                    OrderRow{R"({a="b"} | json | c="d" |= "x")", R"(*|= "x" | json | c="d")"},
                    // Behind a stage that changes the line they stay, up to where it is changed.
                    OrderRow{R"({a="b"} | line_format "{{.c}}" | json |= "x")",
                             R"(| line_format "{{.c}}" *|= "x" | json)"},
                    OrderRow{R"({a="b"} | unpack |= "x")", R"(| unpack |= "x")"},
                    // Compat: they pass decolorize, unless a label filter stands between.
                    OrderRow{R"({a="b"} | decolorize |= "x")", R"(*|= "x" | decolorize)"},
                    OrderRow{R"({a="b"} | decolorize | n>5 |= "x")",
                             R"(| decolorize | n>5 |= "x")"}));

INSTANTIATE_TEST_SUITE_P(
    LabelFilters, StageOrderTest,
    testing::Values(
        OrderRow{R"({a="b"} | json | line_format "{{.c}}" | c="d")",
                 R"(| json *| c="d" | line_format "{{.c}}")"},
        OrderRow{R"({a="b"} | json | decolorize | label_format x="{{.c}}" | c="d" or e!="f")",
                 R"(| json *| ( c="d" or e!="f" ) | decolorize | label_format x="{{.c}}")"},
        // Not past a stage that sets or takes away one of their labels.
        OrderRow{R"({a="b"} | label_format c="x" | c="d")", R"(| label_format c="x" | c="d")"},
        OrderRow{R"({a="b"} | label_format x=c | c="d")", R"(| label_format x=c | c="d")"},
        OrderRow{R"({a="b"} | json | c="d")", R"(| json | c="d")"},
        OrderRow{R"({a="b"} | drop c | c="d")", R"(| drop c | c="d")"},
        // A parser leaves what every stream has.
        OrderRow{R"({a="b"} | json | a="b")", R"(*| a="b" | json)"},
        OrderRow{R"({c="d",a=~".*"} | json | a="b")", R"(| json | a="b")"},
        // Comparisons by number may give an error, which templates see; errors are seen by filters.
        OrderRow{R"({a="b"} | line_format "{{.c}}" | c>5)", R"(| line_format "{{.c}}" | c>5)"},
        OrderRow{R"({a="b"} | line_format "{{.c}}" | __error__="")",
                 R"(| line_format "{{.c}}" | __error__="")"}));

}  // namespace
}  // namespace skald::logql
