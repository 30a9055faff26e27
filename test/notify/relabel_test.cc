#include "notify/relabel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/matchers.h"

namespace skald::notify {
namespace {

using test::HasCode;
using test::IsOk;
using testing::HasSubstr;

// The labels {a="foo", b="bar", c="baz"} after a rule, or "dropped".
std::string After(const char* yaml) {
  const auto rules = RelabelRules::Parse(ParseYaml(yaml).value());
  if (!rules.ok()) return rules.status().ToString();
  const auto labels = rules->Apply({{"a", "foo"}, {"b", "bar"}, {"c", "baz"}});
  return labels.has_value() ? labels->ToString() : "dropped";
}

TEST(RelabelTest, DoesWhatPrometheusDoes) {
  const struct {
    const char* rules;
    const char* after;
  } cases[] = {
      {"[]", R"({a="foo", b="bar", c="baz"})"},
      {"[{source_labels: [a], regex: 'f(.*)', target_label: d, replacement: 'ch${1}-ch${1}'}]",
       R"({a="foo", b="bar", c="baz", d="choo-choo"})"},
      {"[{source_labels: [a, b], regex: 'f(.*);(.*)r', target_label: a, replacement: "
       "'b${1}${2}m'}]",
       R"({a="boobam", b="bar", c="baz"})"},
      {"[{source_labels: [a, b], separator: '', regex: foobar, target_label: d, replacement: x}]",
       R"({a="foo", b="bar", c="baz", d="x"})"},
      {"[{source_labels: [a], regex: nothing, target_label: b, replacement: x}]",
       R"({a="foo", b="bar", c="baz"})"},
      {"[{source_labels: [a], regex: 'o', target_label: b, replacement: x}]",
       R"({a="foo", b="bar", c="baz"})"},  // Anchored.
      {"[{target_label: b, replacement: ''}]", R"({a="foo", c="baz"})"},
      {"[{target_label: d, replacement: fixed}]", R"({a="foo", b="bar", c="baz", d="fixed"})"},
      {"[{source_labels: [a], regex: '(f).*', target_label: '${1}_x'}]",
       R"({a="foo", b="bar", c="baz", f_x="f"})"},
      {"[{source_labels: [a], regex: '(.*)', target_label: '${9}', replacement: x}]",
       R"({a="foo", b="bar", c="baz"})"},
      {"[{source_labels: [a], regex: 'fo+', action: keep}]", R"({a="foo", b="bar", c="baz"})"},
      {"[{source_labels: [a], regex: 'fo', action: keep}]", "dropped"},
      {"[{source_labels: [a], regex: '.*o.*', action: DROP}]", "dropped"},
      {"[{source_labels: [missing], regex: '', action: drop}]", "dropped"},
      {"[{source_labels: [a], regex: f, action: drop}]", R"({a="foo", b="bar", c="baz"})"},
      {"[{source_labels: [a], target_label: b, action: keepequal}]", "dropped"},
      {"[{source_labels: [a], target_label: b, action: dropequal}]",
       R"({a="foo", b="bar", c="baz"})"},
      {"[{source_labels: [a], target_label: a, action: dropequal}]", "dropped"},
      // As in Prometheus' own tests.
      {"[{source_labels: [c], target_label: d, action: hashmod, modulus: 1000}]",
       R"({a="foo", b="bar", c="baz", d="976"})"},
      {"[{regex: '(b.*)', action: labelmap, replacement: 'bar_${1}'}]",
       R"({a="foo", b="bar", bar_b="bar", c="baz"})"},
      {"[{regex: '[ab]', action: labeldrop}]", R"({c="baz"})"},
      {"[{regex: '[ab]', action: labelkeep}]", R"({a="foo", b="bar"})"},
      {"[{source_labels: [a], target_label: d, action: uppercase}]",
       R"({a="foo", b="bar", c="baz", d="FOO"})"},
      {"[{target_label: d, replacement: ABC}, {source_labels: [d], target_label: d, action: "
       "lowercase}]",
       R"({a="foo", b="bar", c="baz", d="abc"})"},
  };
  for (const auto& c : cases) EXPECT_EQ(After(c.rules), c.after) << c.rules;
}

TEST(RelabelTest, SaysWhatIsWrongWithARule) {
  const struct {
    const char* rules;
    const char* text;
  } cases[] = {
      {"a: b", "relabel rules are no list"},
      {"[{action: dance}]", "relabel rule 1: unknown relabel action \"dance\""},
      {"[{colour: red}]", "unknown field \"colour\""},
      {"[{regex: '(', action: keep}]", "error parsing regexp"},
      {"[{action: labeldrop, regex: a}, {source_labels: [a]}]",
       "relabel rule 2: relabel configuration for replace action requires 'target_label' value"},
      {"[{target_label: 'a-b'}]", "\"a-b\" is invalid 'target_label' for replace action"},
      {"[{action: lowercase, target_label: '${1}'}]", "is invalid 'target_label' for lowercase"},
      {"[{action: hashmod, target_label: a}]", "requires non-zero modulus"},
      {"[{action: hashmod, target_label: a, modulus: x}]", "modulus: \"x\" is no number"},
      {"[{action: labelmap, replacement: '-'}]", "is invalid 'replacement' for labelmap action"},
      {"[{action: labeldrop, target_label: a}]", "labeldrop action requires only 'regex'"},
      {"[{action: keepequal, target_label: a, regex: b}]",
       "keepequal action requires only 'source_labels' and `target_label'"},
      {"[{source_labels: [a-b], target_label: a}]", "\"a-b\" is not a valid label name"},
  };
  for (const auto& c : cases) {
    const auto rules = RelabelRules::Parse(ParseYaml(c.rules).value());
    EXPECT_THAT(rules, HasCode(StatusCode::kInvalidArgument)) << c.rules;
    EXPECT_THAT(std::string(rules.status().message()), HasSubstr(c.text));
  }
}

}  // namespace
}  // namespace skald::notify
