#include "ruler/rule_doubts.h"

#include <gtest/gtest.h>

#include "ruler/rule_yaml.h"

namespace skald::ruler {
namespace {

// The doubts about rules of a group that runs each minute.
std::vector<std::string> Doubts(const std::string& rules) {
  const auto groups = ParseRuleFileYaml("groups:\n- {name: g, rules: [" + rules + "]}\n");
  if (!groups.ok()) return {std::string(groups.status().message())};
  return FindDoubts(*groups, std::chrono::minutes(1));
}

TEST(RuleDoubtsTest, NamesWhatIsSeldomMeant) {
  const std::string count = R"(sum by (app) (count_over_time({env="p"}[5m])))";
  struct Row {
    std::string rule;
    const char* doubt;  // Empty: none.
  };
  const Row rows[] = {
      {"{alert: A, for: 5m, expr: '" + count + "'}", ""},
      {"{record: r, expr: '" + count + "'}", ""},
      {"{record: r, keep_firing_for: 5m, expr: '" + count + "'}",
       "'keep_firing_for' is for alerts: it does nothing here"},
      {"{alert: A, expr: '" + count + "'}",
       "there is no 'for': it fires at the first evaluation that holds"},
      {"{alert: A, for: 30s, expr: '" + count + "'}",
       "'for: 30s' is shorter than the interval of 1m: it counts as one interval"},
      {R"({record: r, expr: 'rate({a="b"}[30s]) + rate({a="b"}[2m])'})",
       "the range [30s] is shorter than the interval of 1m: lines between two evaluations are "
       "never seen"},
      {R"({record: r, expr: 'rate({app=~".+"} |= "x" [5m])'})",
       R"(the selector {app=~".+"} reads nearly every stream)"},
      {R"({record: r, expr: 'rate({app=~".+", env="p"}[5m])'})", ""},
      {"{alert: A, for: 5m, expr: '" + count + "', annotations: {s: '{{ $labels.app }}'}}", ""},
      {"{alert: A, for: 5m, expr: '" + count +
           "', annotations: {s: '{{ if true }}{{ $labels.pod | toUpper }}{{ end }}'}}",
       "annotation 's' shows $labels.pod, which the expression does not keep"},
      {"{alert: A, for: 5m, expr: '" + count + "', labels: {s: '{{ .Labels.pod }}'}}",
       "label 's' shows $labels.pod, which the expression does not keep"},
  };
  for (const Row& row : rows) {
    const auto doubts = Doubts(row.rule);
    if (std::string(row.doubt).empty()) {
      EXPECT_EQ(doubts, std::vector<std::string>()) << row.rule;
      continue;
    }
    ASSERT_EQ(doubts.size(), 1u) << row.rule;
    EXPECT_TRUE(doubts[0].ends_with(": " + std::string(row.doubt))) << doubts[0];
  }
}

TEST(RuleDoubtsTest, FindsARuleThatIsThereTwice) {
  const std::string rule = "{record: r, expr: vector(1), labels: {a: %}}";
  const auto with = [&](const char* value) {
    std::string text = rule;
    return text.replace(text.find('%'), 1, value);
  };
  EXPECT_EQ(Doubts(with("b") + ", " + with("c")).size(), 0u);
  EXPECT_EQ(Doubts(with("b") + ", " + with("b")),
            std::vector<std::string>{
                "line 2: group g: rule r: another rule of the file has the same name and labels"});
}

TEST(RuleDoubtsTest, GoesByTheIntervalOfTheGroup) {
  const auto groups = ParseRuleFileYaml(
      "groups:\n- {name: g, interval: 10s, rules: [{record: r, expr: 'rate({a=\"b\"}[30s])'}]}\n");
  ASSERT_TRUE(groups.ok());
  EXPECT_TRUE(FindDoubts(*groups, std::chrono::minutes(1)).empty());
}

}  // namespace
}  // namespace skald::ruler
