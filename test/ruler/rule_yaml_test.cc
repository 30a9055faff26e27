#include "ruler/rule_yaml.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <vector>

namespace skald::ruler {
namespace {

TEST(RuleYamlTest, PrintsDurationsInNormalFormAndLeavesOutWhatIsEmpty) {
  const auto group = ParseGroupYaml(
      "name: g\ninterval: 90s\nrules:\n- {alert: A, expr: vector(1), for: 60s, labels: {b: x, a: "
      "y}, keep_firing_for: 1m}\n");
  ASSERT_TRUE(group.ok());
  EXPECT_EQ(PrintGroupYaml(*group),
            "name: g\ninterval: 1m30s\nrules:\n    - alert: A\n      expr: vector(1)\n"
            "      for: 1m\n      labels:\n        a: \"y\"\n        b: x\n");
}

TEST(RuleYamlTest, PrintsNamespacesAsLokiLaysThemOut) {
  const RuleNamespaces namespaces = {
      {"n",
       {{.name = "g",
         .limit = 2,
         .rules = {{.alert = "A",
                    .expr = "{a=\"b\"}\n  |= `x`\n",
                    .annotations = {{"s", "{{ $value }} of \"it\""}, {"t", "two\nlines"}}}}},
        {.name = "h"}}}};
  EXPECT_EQ(PrintNamespacesYaml(namespaces), R"("n":
    - name: g
      limit: 2
      rules:
        - alert: A
          expr: |
            {a="b"}
              |= `x`
          annotations:
            s: '{{ $value }} of "it"'
            t: |-
                two
                lines
    - name: h
      rules: []
)");
}

TEST(RuleYamlTest, ReadsBackEveryTextThatItPrints) {
  const std::vector<std::string> pieces = {
      "a", " ", "\n", ":", "#", "'",    "\"", "\\",  "- ",     "\t",     "{",  "}",
      "|", ">", "%",  "@", "`", "true", "~",  "1e3", "\u00e9", "\u2028", "\r", "!x"};
  std::vector<std::string> texts = {"<<", "0x1F", "2020-01-01", "null", "NO",
                                    "=",  "?",    "...",        "---"};
  for (const std::string& a : pieces) {
    for (const std::string& b : pieces) {
      for (const std::string& c : pieces) texts.push_back(a + b + c);
    }
  }
  for (const std::string& text : texts) {
    RuleGroup group{.name = text};
    group.rules = {{.alert = text, .expr = text, .labels = {{text, text}, {"b", text}}}};
    const auto read = ParseGroupYaml(PrintGroupYaml(group));
    ASSERT_TRUE(read.ok()) << read.status().message() << "\n" << PrintGroupYaml(group);
    EXPECT_EQ(*read, group) << PrintGroupYaml(group);
  }
}

TEST(RuleYamlTest, ReadsNumbersAsGoDoes) {
  struct Row {
    const char* text;
    int64_t number;
  };
  for (const Row& row : std::initializer_list<Row>{{"5", 5},
                                                   {"-1", -1},
                                                   {"+5", 5},
                                                   {"0", 0},
                                                   {"0x1F", 31},
                                                   {"-0b11", -3},
                                                   {"0o17", 15},
                                                   {"017", 15},
                                                   {"08", 8},
                                                   {"1_000", 1000},
                                                   {"1.9", 1},
                                                   {"-1.9", -1},
                                                   {".5", 0},
                                                   {"1e3", 1000}}) {
    const auto group = ParseGroupYaml("limit: " + std::string(row.text));
    ASSERT_TRUE(group.ok()) << row.text;
    EXPECT_EQ(group->limit, row.number) << row.text;
  }
  for (const char* text : {"abc", "'5'", "1-2", "--1", "+-1", "_1", "0x", "5m", "1e30", ".inf",
                           ".nan", "99999999999999999999", "[1]", "1 2"}) {
    EXPECT_FALSE(ParseGroupYaml("limit: " + std::string(text)).ok()) << text;
  }
}

TEST(RuleYamlTest, MergesMapsWhereAKeyIsNotGiven) {
  const auto group = ParseGroupYaml(R"(
name: g
rules:
- &a {record: a, expr: vector(1), labels: &l {k: v, m: n}}
- {<<: *a, record: b}
- {<<: [{expr: vector(2)}, *a], alert: C, record: ~, labels: {<<: *l, k: w}}
)");
  ASSERT_TRUE(group.ok()) << group.status().message();
  EXPECT_EQ(group->rules[1].record, "b");
  EXPECT_EQ(group->rules[1].expr, "vector(1)");
  EXPECT_EQ(group->rules[1].labels, (TextMap{{"k", "v"}, {"m", "n"}}));
  EXPECT_EQ(group->rules[2].expr, "vector(2)");
  EXPECT_EQ(group->rules[2].record, "");
  EXPECT_EQ(group->rules[2].labels, (TextMap{{"k", "w"}, {"m", "n"}}));
  EXPECT_FALSE(ParseGroupYaml("{name: g, <<: 5}").ok());
  EXPECT_FALSE(ParseGroupYaml("&a {name: g, <<: *a}").ok());
}

TEST(RuleYamlTest, RefusesWhatIsNoGroup) {
  for (const char* text :
       {"{", "[]", "x", "name: {a: b}", "name: g\nrules: x", "name: g\nname: h", "limit: '5'",
        "interval: -1m", "interval: 60", "name: g\nrules: *nope", "\tname: g", "name: a\xff"}) {
    EXPECT_FALSE(ParseGroupYaml(text).ok()) << text;
  }
}

TEST(RuleYamlTest, RefusesATagThatDoesNotFit) {
  for (const char* text :
       {"name: !!int g", "name: !!bool yes", "name: !!null g", "name: !!float g", "name: !own g",
        "name: !!int 1.5", "name: !!int 'g'", "name: !!binary '%'",
        "name: !!binary /w==", "!!int name: g", "limit: !!str 5", "limit: !!bool 5",
        "interval: !!int 1m", "name: g\nrules: [{record: r, expr: !!int x}]",
        "name: g\nrules: [{alert: a, expr: x, labels: {a: !!null b}}]"}) {
    EXPECT_FALSE(ParseGroupYaml(text).ok()) << text;
  }
  const auto group = ParseGroupYaml("name: g\nlimit: !!int x");
  ASSERT_FALSE(group.ok());
  EXPECT_EQ(group.status().message(), "line 2: 'limit': `x` is no !!int");
}

TEST(RuleYamlTest, ReadsWhatATagMakesOfAText) {
  struct Row {
    const char* text;
    const char* name;
  };
  for (const Row& row : std::initializer_list<Row>{{"!!str 5", "5"},
                                                   {"!!str null", "null"},
                                                   {"!!str", ""},
                                                   {"!!null ~", ""},
                                                   {"!!int 5", "5"},
                                                   {"!!int '0x1f'", "0x1f"},
                                                   {"!!float 5", "5"},
                                                   {"!!float -.inf", "-.inf"},
                                                   {"!!bool true", "true"},
                                                   {"! g", "g"},
                                                   {"!!binary Z3I=", "gr"}}) {
    const auto group = ParseGroupYaml("name: " + std::string(row.text));
    ASSERT_TRUE(group.ok()) << row.text << ": " << group.status().message();
    EXPECT_EQ(group->name, row.name) << row.text;
  }
  for (const char* text : {"!!int 7", "!!float 7", "!!int '7'"}) {
    const auto group = ParseGroupYaml("limit: " + std::string(text));
    ASSERT_TRUE(group.ok()) << text;
    EXPECT_EQ(group->limit, 7) << text;
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
