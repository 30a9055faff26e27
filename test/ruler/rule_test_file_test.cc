#include "ruler/rule_test_file.h"

#include <gtest/gtest.h>

namespace skald::ruler {
namespace {

using std::chrono::seconds;

constexpr const char* kFile = R"(
rule_files: [a.yaml, 'b/*.yaml']
evaluation_interval: 30s
tests:
- name: t
  external_url: http://g
  external_labels: {cluster: c1}
  input_streams:
  - stream: '{app="a"}'
    lines:
    - {at: 5s, line: one, metadata: {k: v}}
    - {from: 10s, to: 30s, every: 10s, line: 'n={{i}} of {{i}}'}
  alert_rule_test:
  - {eval_time: 1m, alertname: A, exp_alerts: [{exp_labels: {x: y}, exp_annotations: {z: w}}]}
  logql_expr_test:
  - {eval_time: 2m, expr: vector(1), exp_samples: [{labels: '{b="c"}', value: 1.5}]}
  recording_rule_test:
  - {eval_time: 3m, record: r, exp_samples: [{value: -2}]}
)";

TEST(RuleTestFileTest, ReadsAllThatATestSays) {
  const auto file = ParseRuleTestFile(kFile);
  ASSERT_TRUE(file.ok()) << file.status().message();
  EXPECT_EQ(file->rule_files, (std::vector<NamedFiles>{{{2}, "a.yaml"}, {{2}, "b/*.yaml"}}));
  EXPECT_EQ(file->evaluation_interval, seconds(30));
  ASSERT_EQ(file->tests.size(), 1u);
  const RuleTest& test = file->tests[0];
  EXPECT_EQ(test.name, "t");
  EXPECT_EQ(test.external_url, "http://g");
  EXPECT_EQ(test.external_labels, (TextMap{{"cluster", "c1"}}));
  ASSERT_EQ(test.alerts.size(), 1u);
  EXPECT_EQ(test.alerts[0].at, seconds(60));
  EXPECT_EQ(test.alerts[0].line.number, 14);
  EXPECT_EQ(file->rule_files[1].line.number, 2);
  EXPECT_EQ(test.alerts[0].expected[0].labels, (TextMap{{"x", "y"}}));
  EXPECT_EQ(test.alerts[0].expected[0].annotations, (TextMap{{"z", "w"}}));
  ASSERT_EQ(test.expressions.size(), 1u);
  EXPECT_EQ(test.expressions[0].what, "vector(1)");
  EXPECT_EQ(test.expressions[0].expected[0].labels.ToString(), R"({b="c"})");
  ASSERT_EQ(test.recordings.size(), 1u);
  EXPECT_EQ(test.recordings[0].expected[0].value, -2);
}

TEST(RuleTestFileTest, MakesManyLinesOfOne) {
  const auto file = ParseRuleTestFile(kFile);
  ASSERT_TRUE(file.ok()) << file.status().message();
  const auto& lines = file->tests[0].streams[0].lines;
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0].line, "one");
  EXPECT_EQ(lines[0].metadata, (TextMap{{"k", "v"}}));
  EXPECT_EQ(lines[1].at, seconds(10));
  EXPECT_EQ(lines[1].line, "n=0 of 0");
  EXPECT_EQ(lines[3].at, seconds(30));
  EXPECT_EQ(lines[3].line, "n=2 of 2");
}

TEST(RuleTestFileTest, NamesWhatIsWrong) {
  struct Row {
    const char* test;
    const char* error;
  };
  const Row rows[] = {
      {"x: 1", "line 2: unknown key 'x'"},
      {"input_streams: [{lines: []}]", "line 2: 'stream' must have labels"},
      {"input_streams: [{stream: '{a=b}'}]",
       "line 2: 1:4: parse error: unexpected \"b\" in label set, expected a quoted string"},
      {"input_streams: [{stream: '{a=\"b\"}', lines: [{line: x}]}]",
       "line 2: lines come 'at' a time, or 'every' so often up to 'to'"},
      {"input_streams: [{stream: '{a=\"b\"}', lines: [{every: 1s, at: 1s, line: x}]}]",
       "line 2: lines come 'at' a time, or 'every' so often up to 'to'"},
      {"input_streams: [{stream: '{a=\"b\"}', lines: [{every: 1s, line: x}]}]",
       "line 2: 'to' must be given, and after 'from'"},
      {"input_streams: [{stream: '{a=\"b\"}', lines: [{every: 1ms, to: 1d, line: x}]}]",
       "line 2: a stream has at most 1000000 lines"},
      {"alert_rule_test: [{eval_time: 1m}]", "line 2: 'alertname' must be given"},
      {"logql_expr_test: [{eval_time: 1}]", "line 2: not a valid duration string: \"1\""},
      {"recording_rule_test: [{record: r, exp_samples: [{value: x}]}]",
       "line 2: 'value' must be a number"},
  };
  for (const Row& row : rows) {
    const auto file = ParseRuleTestFile("tests:\n- {" + std::string(row.test) + "}\n");
    ASSERT_FALSE(file.ok()) << row.test;
    EXPECT_EQ(file.status().message(), row.error) << row.test;
  }
  EXPECT_EQ(ParseRuleTestFile("# one\n# \xff\n").status().message(),
            "line 2: the text is not UTF-8");
  EXPECT_EQ(ParseRuleTestFile("tests:\n  - *nobody\n").status().message(),
            "line 2: the referenced anchor is not defined");
  EXPECT_EQ(ParseRuleTestFile("evaluation_interval: 0s").status().message(),
            "line 1: 'evaluation_interval' must be greater than 0");
}

TEST(RuleTestFileTest, SurvivesEveryDamagedByte) {
  const std::string text = kFile;
  for (size_t i = 0; i < text.size(); ++i) {
    for (const char byte : {'\0', '\xff', '*', '{', '\n', '9'}) {
      std::string damaged = text;
      damaged[i] = byte;
      (void)ParseRuleTestFile(damaged).ok();
    }
  }
}

}  // namespace
}  // namespace skald::ruler
