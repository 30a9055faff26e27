#include "logql/plan/line_requirements.h"

#include <gtest/gtest.h>

#include <string>

#include "logql/parser.h"
#include "logql/plan/scan_plan.h"

namespace skald::logql {
namespace {

std::string Show(const model::RequiredLiteral& literal) {
  std::string text;
  for (const std::string& one : literal.any_of) text += (text.empty() ? "" : "|") + one;
  return (literal.fold_case ? "(?i)" : "") + text;
}

// What the plan of `query` requires because of labels: `TEXT|TEXT unless LABEL`, and
// `label NAME=VALUE|VALUE`, with `parsed` if a parser may set it.
std::string Requires(const std::string& query) {
  const auto expr = Parse(query);
  if (!expr.ok()) return std::string(expr.status().message());
  const ScanPlan plan = PlanEntries(std::get<LogExpr>((*expr)->node));
  std::string text;
  const auto add = [&text](const std::string& one) { text += (text.empty() ? "" : "; ") + one; };
  for (const auto& literal : plan.label_literals) {
    std::string names;
    for (const std::string& name : literal.unless_labels)
      names += (names.empty() ? "" : ",") + name;
    add(Show(literal.literal) + " unless " + names);
  }
  for (const auto& label : plan.labels) {
    std::string values;
    for (const std::string& one : label.any_of) values += (values.empty() ? "=" : "|") + one;
    add((label.may_be_parsed ? "parsed " : "label ") + label.name + values);
  }
  return text;
}

struct RequirementRow {
  const char* stages;
  const char* wanted;
};

class LineRequirementsTest : public testing::TestWithParam<RequirementRow> {};

TEST_P(LineRequirementsTest, SaysWhatIsSureAndNoMore) {
  EXPECT_EQ(Requires(std::string(R"({app="a"})") + GetParam().stages), GetParam().wanted)
      << GetParam().stages;
}

INSTANTIATE_TEST_SUITE_P(
    Labels, LineRequirementsTest,
    testing::Values(RequirementRow{R"( | trace="abc")", "label trace=abc"},
                    RequirementRow{R"( | n>5)", "label n"},
                    RequirementRow{R"( | trace=~"a|b")", "label trace=a|b"},
                    RequirementRow{R"( | trace!="")", "label trace"},
                    RequirementRow{R"( | trace!="abc")", ""},
                    RequirementRow{R"( | trace=~"a.*|")", ""},
                    RequirementRow{R"( | trace="a" or trace="b")", "label trace=a|b"},
                    RequirementRow{R"( | trace="a" or n>5)", ""},
                    RequirementRow{R"( | trace="a" and n>5)", "label trace=a; label n"},
                    RequirementRow{R"( | ip=ip("1.2.3.4"))", ""},
                    RequirementRow{R"( | __error__="x")", ""},
                    RequirementRow{R"( | a_extracted="x")", ""}));

INSTANTIATE_TEST_SUITE_P(
    BehindParsers, LineRequirementsTest,
    testing::Values(
        RequirementRow{R"( | json | status="500")",
                       R"(500|\u00 unless status; status|\u00 unless status; parsed status=500)"},
        RequirementRow{
            R"( | logfmt | a_longer="x/yz w")",
            R"(yz|\u00 unless a_longer; longer|\u00 unless a_longer; parsed a_longer=x/yz w)"},
        RequirementRow{R"( | json | n>5)", R"(n|\u00 unless n; parsed n)"},
        RequirementRow{R"( | json | n>5 or m="xy")", R"(n|\u00|m unless n,m)"},
        RequirementRow{R"( | json | m="ab" or m="cd")",
                       R"(ab|\u00|cd unless m; m|\u00 unless m; parsed m=ab|cd)"},
        RequirementRow{R"( | json | m=~"(?i)Xab.")",
                       R"((?i)xab|\u00|\u21|\u01 unless m; m|\u00 unless m; parsed m)"},
        // The names of captures and paths are not in the line.
        RequirementRow{R"( | json m="x.y" | m="ab")", R"(ab|\u00 unless m; parsed m=ab)"},
        RequirementRow{R"( | regexp `(?P<m>.*)` | m="ab")", R"(ab|\u00 unless m; parsed m=ab)"},
        RequirementRow{R"( | json k="x.y" | m="ab")", "label m=ab"},
        // A text of nothing but characters with an escape of their own may be spelled in any way.
        RequirementRow{R"( | json | m="/ /")", R"(m|\u00 unless m; parsed m=/ /)"}));

INSTANTIATE_TEST_SUITE_P(
    NothingIsSure, LineRequirementsTest,
    testing::Values(RequirementRow{R"( | json | label_format m="x" | m="ab")", ""},
                    RequirementRow{R"( | json | label_format m=k | m="ab")", ""},
                    RequirementRow{R"( | json | label_format k=m | m="ab")", ""},
                    RequirementRow{R"( | line_format "{{.k}}" | json | m="ab")", ""},
                    RequirementRow{R"( | unpack | json | m="ab")", ""},
                    RequirementRow{R"( | decolorize | logfmt | m="ab")", ""}));

}  // namespace
}  // namespace skald::logql
