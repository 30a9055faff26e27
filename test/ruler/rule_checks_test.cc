#include "ruler/rule_checks.h"

#include <gtest/gtest.h>

#include "ruler/rule_yaml.h"

namespace skald::ruler {
namespace {

std::string FirstError(const std::string& rule) {
  const auto group = ParseGroupYaml("name: g\nrules:\n- " + rule + "\n");
  if (!group.ok()) return std::string(group.status().message());
  const auto errors = CheckGroup(*group);
  return errors.empty() ? "" : errors.front();
}

TEST(RuleChecksTest, NamesWhatIsWrongWithARule) {
  struct Row {
    const char* rule;
    const char* error;
  };
  const Row rows[] = {
      {"{record: 'a:b', expr: vector(1)}", ""},
      {"{alert: any name, expr: vector(1), for: 5m}", ""},
      {"{alert: A, record: b, expr: vector(1)}", "only one of 'record' and 'alert' must be set"},
      {"{expr: vector(1)}", "one of 'record' or 'alert' must be set"},
      {"{alert: A}", "field 'expr' must be set in rule"},
      {"{record: a, expr: vector(1), annotations: {a: b}}",
       "invalid field 'annotations' in recording rule"},
      {"{record: a, expr: vector(1), for: 5m}", "invalid field 'for' in recording rule"},
      {"{record: a, expr: vector(1), keep_firing_for: 5m}", ""},
      {"{record: 1a, expr: vector(1)}", "invalid recording rule name: 1a"},
      {"{alert: A, expr: vector(1), labels: {a-b: c}}", "invalid label name: a-b"},
      {"{alert: A, expr: vector(1), labels: {__name__: c}}", "invalid label name: __name__"},
      {"{alert: A, expr: vector(1), annotations: {a-b: c}}", "invalid annotation name: a-b"},
      {"{alert: A, expr: vector(1), labels: {a: '{{ .b '}}",
       "label \"a\": template: __alert_A:1: unclosed action"},
      {"{alert: A, expr: vector(1), annotations: {a: '{{ b }}'}}",
       "annotation \"a\": template: __alert_A:1: function \"b\" not defined"},
      {"{record: r, expr: 'up{}'}",
       "could not parse expression for record 'r' in group 'g': parse error at line 1, col 1: "
       "syntax error: unexpected IDENTIFIER"},
  };
  for (const Row& row : rows) EXPECT_EQ(FirstError(row.rule), row.error) << row.rule;
}

TEST(RuleChecksTest, AFileHasEachGroupOnce) {
  const RuleGroup group{.name = "g"};
  const auto errors = CheckGroups({group, group, RuleGroup()});
  ASSERT_EQ(errors.size(), 2u);
  EXPECT_EQ(errors[0], "groupname: \"g\" is repeated in the same file");
  EXPECT_EQ(errors[1], "group 2: Groupname must not be empty");
}

TEST(RuleChecksTest, NamesTheLinesOfAFile) {
  const auto groups = ParseRuleFileYaml(
      "groups:\n"
      "- name: g\n"
      "  rules:\n"
      "  - record: r\n"
      "    expr: vector(1)\n"
      "  - record: 1a\n"
      "    expr: '{'\n"
      "- name: g\n"
      "- interval: 1m\n");
  ASSERT_TRUE(groups.ok());
  const auto errors = CheckGroups(*groups);
  ASSERT_EQ(errors.size(), 4u);
  EXPECT_TRUE(errors[0].starts_with("line 6: could not parse expression for record '1a'"));
  EXPECT_EQ(errors[1], "line 6: invalid recording rule name: 1a");
  EXPECT_EQ(errors[2], "line 8: groupname: \"g\" is repeated in the same file");
  EXPECT_EQ(errors[3], "line 9: group 2: Groupname must not be empty");
}

TEST(RuleChecksTest, ARuleThatMovesInItsFileStaysTheSame) {
  const auto before = ParseRuleFileYaml("groups: [{name: g, rules: [{record: r, expr: '1'}]}]");
  const auto after = ParseRuleFileYaml("\n\ngroups: [{name: g, rules: [{record: r, expr: '1'}]}]");
  ASSERT_TRUE(before.ok() && after.ok());
  EXPECT_NE(before->front().line.number, after->front().line.number);
  EXPECT_EQ(*before, *after);
}

}  // namespace
}  // namespace skald::ruler
