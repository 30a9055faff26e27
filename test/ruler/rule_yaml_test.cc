#include "ruler/rule_yaml.h"

#include <gtest/gtest.h>

namespace skald::ruler {
namespace {

TEST(RuleYamlTest, PrintsDurationsInNormalFormAndLeavesOutWhatIsEmpty) {
  const auto group = ParseGroupYaml(
      "name: g\ninterval: 90s\nrules:\n- {alert: A, expr: vector(1), for: 60s, labels: {b: x, a: "
      "y}, keep_firing_for: 1m}\n");
  ASSERT_TRUE(group.ok());
  EXPECT_EQ(PrintGroupYaml(*group),
            "name: g\ninterval: 1m30s\nrules:\n  - alert: A\n    expr: vector(1)\n"
            "    for: 1m\n    labels:\n      a: y\n      b: x\n");
}

TEST(RuleYamlTest, RefusesWhatIsNoGroup) {
  for (const char* text :
       {"{", "[]", "x", "name: {a: b}", "name: g\nrules: x", "name: g\nname: h", "limit: '5'",
        "interval: -1m", "interval: 60", "name: g\nrules: *nope", "\tname: g", "name: a\xff"}) {
    EXPECT_FALSE(ParseGroupYaml(text).ok()) << text;
  }
}

TEST(RuleYamlTest, AnEmptyTextIsAGroupWithoutAName) {
  for (const char* text : {"", "null", "# x", "name:", "Name: g"}) {
    const auto group = ParseGroupYaml(text);
    ASSERT_TRUE(group.ok()) << text;
    EXPECT_EQ(group->name, "") << text;
  }
}

TEST(RuleYamlTest, AFileRefusesMisspeltKeys) {
  EXPECT_TRUE(ParseRuleFileYaml("groups:\n- name: g\n  rules: []\n").ok());
  const auto groups = ParseRuleFileYaml("groups:\n- name: g\n  intervall:\n    1m\n");
  ASSERT_FALSE(groups.ok());
  EXPECT_EQ(groups.status().message(), "line 3: unknown key 'intervall'");
}

TEST(RuleYamlTest, SurvivesEveryDamagedByte) {
  const std::string text =
      "name: g\ninterval: 1m\nrules:\n- alert: A\n  expr: vector(1)\n  labels: &l {k: v}\n";
  for (size_t i = 0; i < text.size(); ++i) {
    for (const char byte : {'\0', '\xff', '*', '{', ':', '\n'}) {
      std::string damaged = text;
      damaged[i] = byte;
      if (const auto group = ParseGroupYaml(damaged); group.ok()) (void)PrintGroupYaml(*group);
    }
  }
}

}  // namespace
}  // namespace skald::ruler
