#include "logql/plan/scan_plan.h"

#include <gtest/gtest.h>

#include <string>

#include "logql/metric/sample_extractor.h"
#include "logql/printer.h"
#include "logql/rows.h"
#include "logql/stages/field_excerpt.h"

namespace skald::logql {
namespace {

using test::ParsedLog;

std::string Ordered(const std::string& stages) {
  const ParsedLog log("{a=\"b\"} " + stages);
  std::string out;
  for (const Stage* stage : PlanEntries(*log).stages) {
    out += (out.empty() ? "" : " ") + Print(*stage);
  }
  return out;
}

TEST(ScanPlanTest, MovesLineFiltersToTheFront) {
  const struct {
    const char* stages;
    const char* ordered;
  } rows[] = {
      {R"(|= "x" | json)", R"(|= "x" | json)"},
      {R"(| json |= "x")", R"(|= "x" | json)"},
      {R"(| json |= "x" != "y" | logfmt |~ "z")", R"(|= "x" != "y" |~ "z" | json | logfmt)"},
      {R"(|= "1" | json |= "2")", R"(|= "1" |= "2" | json)"},
      {R"(| decolorize |= "x")", R"(|= "x" | decolorize)"},
      {R"(| label_format a=b | drop a | keep c |= "x")",
       R"(|= "x" | label_format a=b | drop a | keep c)"},
      {R"(| a="1" |= "x")", R"(|= "x" | a="1")"},
      // Barriers.
      {R"(| line_format "y" |= "x")", R"(| line_format "y" |= "x")"},
      {R"(| unpack |= "x")", R"(| unpack |= "x")"},
      {R"(| line_format "y" | a>1 |= "x")", R"(| line_format "y" | a>1 |= "x")"},
      {R"(| line_format "y" | json |= "x")", R"(| line_format "y" |= "x" | json)"},
      {R"(|= "1" | line_format "y" |= "2" | json |= "3")",
       R"(|= "1" | line_format "y" |= "2" |= "3" | json)"},
  };
  for (const auto& row : rows) EXPECT_EQ(Ordered(row.stages), row.ordered) << row.stages;
}

// Alternatives with bars between, `i:` before those compared without case.
std::string Required(const std::string& stages) {
  const ParsedLog log("{a=\"b\"} " + stages);
  std::string out;
  for (const model::RequiredLiteral& literal : PlanEntries(*log).literals) {
    out += out.empty() ? "" : " ";
    out += literal.fold_case ? "i:" : "";
    for (size_t i = 0; i < literal.any_of.size(); ++i) {
      out += (i == 0 ? "" : "|") + literal.any_of[i];
    }
  }
  return out;
}

TEST(ScanPlanTest, KnowsWhatEveryLineMustContain) {
  const struct {
    const char* stages;
    const char* required;
  } rows[] = {
      {R"(|= "needle")", "needle"},
      {R"(|= "one" |= "two")", "one two"},
      {R"(|= "one" or "two")", "one|two"},
      {R"(|~ "abc|def")", "abc|def"},
      {R"(|~ "x+needle[0-9]")", "needle"},
      {R"(|~ "(?i)Needle")", "i:needle"},
      {R"(|~ "one" or "two")", "one|two"},
      {R"(|> "<_>longest<_>x")", "longest"},
      {R"(| json |= "x")", "x"},
      {R"(| decolorize |= "x")", "x"},  // It is asked of the line with its colours.
      {R"(| a="1" |= "x")", "x"},
      // Nothing that would be known:
      {R"(!= "x")", ""},
      {R"(!~ "x" !> "<_>y")", ""},
      {R"(|= "")", ""},
      {R"(|= "x" or "")", ""},
      {R"(|~ ".*")", ""},
      {R"(|~ "x|[0-9]")", ""},
      {R"(|> "<_>")", ""},
      {R"(|= ip("10.0.0.1"))", ""},
      {R"(|= "x" or ip("10.0.0.1"))", ""},
      {R"(| line_format "y" |= "x")", ""},
      {R"(| unpack |= "x")", ""},
      {R"(|= "before" | unpack |= "x")", "before"},
  };
  for (const auto& row : rows) EXPECT_EQ(Required(row.stages), row.required) << row.stages;
}

// The columns that a metric query's range reads.
std::string Columns(const std::string& query) {
  const auto expr = Parse(query);
  EXPECT_TRUE(expr.ok()) << query;
  const Expr* node = expr->get();
  const Grouping* grouping = nullptr;
  if (const auto* outer = std::get_if<VectorAggregation>(&node->node)) {
    grouping = outer->grouping ? &*outer->grouping : nullptr;
    static const Grouping kNone;
    if (grouping == nullptr) grouping = &kNone;
    node = outer->operand.get();
  }
  const SamplePlan plan = PlanSamples(std::get<RangeAggregation>(node->node), grouping);
  const model::ColumnSet& columns = plan.scan.columns;
  std::string out = columns.lines ? "lines" : columns.line_lengths ? "lengths" : "times";
  if (columns.all_metadata) return out + " *";
  for (const std::string& name : columns.metadata) out += " " + name;
  return out;
}

// What of lines a metric query's range looks at; "" if that is all, or nothing.
std::string Fields(const std::string& query) {
  const auto expr = Parse(query);
  EXPECT_TRUE(expr.ok()) << query;
  const auto& outer = std::get<VectorAggregation>((*expr)->node);
  const auto& range = std::get<RangeAggregation>(outer.operand->node);
  const SamplePlan plan = PlanSamples(range, &*outer.grouping);
  const auto* excerpt = dynamic_cast<const FieldExcerpt*>(plan.scan.excerpt.get());
  if (excerpt == nullptr) return "";
  std::string out = excerpt->syntax() == FieldExcerpt::Syntax::kJson ? "json" : "logfmt";
  for (const std::string& name : excerpt->keys().labels.names) out += " " + name;
  for (const std::string& key : excerpt->keys().keys) out += " key " + key;
  return out;
}

TEST(ScanPlanTest, LooksAtFieldsAloneWhereOneParserReadsLines) {
  const struct {
    const char* query;
    const char* fields;
  } rows[] = {
      {R"(sum by (x) (count_over_time({a="b"} | json [1m])))", "json x"},
      {R"(sum by (x) (count_over_time({a="b"} | json | y="1" or z>2 [1m])))", "json x y z"},
      {R"(sum by (x) (sum_over_time({a="b"} | logfmt | unwrap z [1m])))", "logfmt x z"},
      {R"(sum by (x) (bytes_over_time({a="b"} | logfmt --keep-empty [1m])))", "logfmt x"},
      {R"(sum by (x) (count_over_time({a="b"} | json x="o.p", y="[\"q r\"]" [1m])))",
       "json key o key q r"},
      {R"(sum by (x) (count_over_time({a="b"} | logfmt x="o", y [1m])))", "logfmt key o key y"},
      {R"(sum by (x) (count_over_time({a="b"} | json x="[0]" [1m])))", ""},
      {R"(sum by (x) (count_over_time({a="b"} | logfmt --strict [1m])))", ""},
      {R"(sum by (x) (count_over_time({a="b"} |= "x" | json [1m])))", ""},
      {R"(sum by (x) (count_over_time({a="b"} | json | logfmt [1m])))", ""},
      {R"(sum by (x) (count_over_time({a="b"} | json | line_format "{{.y}}" [1m])))", ""},
      {R"(sum by (x) (count_over_time({a="b"} | pattern "<x> <_>" [1m])))", ""},
      {R"(sum without (x) (count_over_time({a="b"} | json [1m])))", ""},
      {R"(sum by () (count_over_time({a="b"} | json [1m])))", ""},
  };
  for (const auto& row : rows) EXPECT_EQ(Fields(row.query), row.fields) << row.query;
}

TEST(ScanPlanTest, ReadsOnlyTheColumnsNeeded) {
  const struct {
    const char* query;
    const char* columns;
  } rows[] = {
      {R"(sum(count_over_time({a="b"}[1m])))", "times"},
      {R"(count_over_time({a="b"}[1m]))", "times *"},
      {R"(sum by (x) (count_over_time({a="b"}[1m])))", "times x"},
      {R"(sum by (x_extracted) (count_over_time({a="b"}[1m])))", "times x_extracted x"},
      {R"(sum(bytes_over_time({a="b"}[1m])))", "lengths"},
      {R"(sum by (x) (bytes_rate({a="b"} | y="1" [1m])))", "lengths x y"},
      {R"(sum(count_over_time({a="b"} |= "x" [1m])))", "lines"},
      {R"(sum(count_over_time({a="b"} | json [1m])))", "times"},
      {R"(sum by (x) (count_over_time({a="b"} | json [1m])))", "lines x"},
      {R"(sum(count_over_time({a="b"} | x="1" and y>2 or z=ip("::1") [1m])))", "times x y z"},
      {R"(sum(count_over_time({a="b"} | drop x | keep y="1" [1m])))", "times y"},
      {R"(sum(sum_over_time({a="b"} | unwrap x | y="1" [1m])))", "times x y"},
      {R"(sum(count_over_time({a="b"} | label_format x=y [1m])))", "lines *"},
      {R"(sum without (x) (count_over_time({a="b"}[1m])))", "times *"},
      {R"(absent_over_time({a="b"}[1m]))", "times"},
      {R"(max_over_time({a="b"} | unwrap x [1m]) by (y))", "times x y"},
  };
  for (const auto& row : rows) EXPECT_EQ(Columns(row.query), row.columns) << row.query;
}

}  // namespace
}  // namespace skald::logql
