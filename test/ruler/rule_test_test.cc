#include "ruler/rule_test.h"

#include <gtest/gtest.h>

namespace skald::ruler {
namespace {

using std::chrono::minutes;

// Rules over lines of which only the number counts: `held` is how many there are up to now.
class CountingEvaluator final : public Evaluator {
 public:
  CountingEvaluator(const std::vector<TestStream>& streams, const Clock& clock)
      : streams_(streams), clock_(clock) {}

  Result<EvaluatedQuery> Evaluate(const model::TenantId&, const std::string& expr, int64_t time_ns,
                                  const CancelToken&) override {
    if (expr == "fails") return InvalidArgument("no such thing");
    EXPECT_EQ(clock_.NowNs(), time_ns);
    EvaluatedQuery answer;
    for (const TestStream& stream : streams_) {
      double count = 0;
      for (const TestLine& line : stream.lines) {
        count += kTestStartNs + line.at.count() <= time_ns ? 1 : 0;
      }
      if (count > 0) answer.samples.push_back({.labels = stream.labels, .value = count});
    }
    return answer;
  }

 private:
  const std::vector<TestStream>& streams_;
  const Clock& clock_;
};

class RuleTestTest : public testing::Test {
 protected:
  RuleTestTest() {
    test_.streams = {{.labels = model::Labels{{"app", "a"}},
                      .lines = {{.at = minutes(1), .line = "x"}, {.at = minutes(2), .line = "y"}}}};
  }

  std::vector<std::string> Run(Rule rule) {
    const RuleNamespaces groups = {{"n", {{.name = "g", .rules = {std::move(rule)}}}}};
    return RunRuleTest(test_, groups, minutes(1),
                       [](const std::vector<TestStream>& streams, const Clock& clock) {
                         return std::make_unique<CountingEvaluator>(streams, clock);
                       });
  }

  RuleTest test_;
  const Rule alert_{.alert = "A",
                    .expr = "count",
                    .for_duration = minutes(1),
                    .annotations = {{"n", "{{ $value }}"}}};
};

TEST_F(RuleTestTest, FindsNothingWhereAllIsAsExpected) {
  test_.alerts = {
      {.at = minutes(1), .alert = "A"},  // Pending.
      {.at = minutes(2),
       .alert = "A",
       .expected = {{.labels = {{"app", "a"}}, .annotations = {{"n", "2"}}}}},
  };
  test_.expressions = {{.at = minutes(1), .what = "count", .expected = {{{{"app", "a"}}, 1}}}};
  EXPECT_EQ(Run(alert_), std::vector<std::string>());
}

TEST_F(RuleTestTest, ShowsTheLabelsOfAllAlertsToTemplates) {
  test_.external_labels = {{"cluster", "c1"}};
  Rule rule = alert_;
  rule.annotations = {{"n", "{{ $externalLabels.cluster }}"}};
  test_.alerts = {{.at = minutes(2),
                   .alert = "A",
                   .expected = {{.labels = {{"app", "a"}}, .annotations = {{"n", "c1"}}}}}};
  EXPECT_EQ(Run(rule), std::vector<std::string>());
}

TEST_F(RuleTestTest, ShowsWhatIsMissingAndWhatIsTooMuch) {
  test_.alerts = {{.line = {7},
                   .at = minutes(3),
                   .alert = "A",
                   .expected = {{.labels = {{"app", "b"}}, .annotations = {{"n", "2"}}}}}};
  test_.expressions = {
      {.line = {9}, .at = minutes(1), .what = "count", .expected = {{{{"app", "a"}}, 2}}}};
  EXPECT_EQ(Run(alert_), (std::vector<std::string>{
                             "line 9: count at 1m:\n    - {app=\"a\"} 2\n    + {app=\"a\"} 1",
                             "line 7: alert A at 3m:\n"
                             "    - {alertname=\"A\", app=\"b\"} {n=\"2\"}\n"
                             "    + {alertname=\"A\", app=\"a\"} {n=\"2\"}"}));
}

TEST_F(RuleTestTest, ComparesWhatWasRecordedLast) {
  test_.recordings = {
      {.at = minutes(1), .what = "r", .expected = {{{{"app", "a"}, {"team", "t"}}, 1}}},
      {.at = minutes(2) + std::chrono::seconds(30),
       .what = "r",
       .expected = {{{{"app", "a"}, {"team", "t"}}, 2}}},
  };
  EXPECT_EQ(Run({.record = "r", .expr = "count", .labels = {{"team", "t"}}}),
            std::vector<std::string>());
}

TEST_F(RuleTestTest, SaysOnceThatARuleFails) {
  test_.expressions = {{.line = {3}, .at = minutes(2), .what = "fails"}};
  EXPECT_EQ(Run({.alert = "A", .expr = "fails", .line = {8}}),
            (std::vector<std::string>{"n: line 8: rule A of group g fails at 0s: no such thing",
                                      "line 3: fails at 2m:\n    no such thing"}));
}

TEST_F(RuleTestTest, RefusesATestWithoutEnd) {
  test_.expressions = {{.line = {5}, .at = std::chrono::hours(24 * 365 * 10), .what = "count"}};
  const auto differences = Run(alert_);
  ASSERT_EQ(differences.size(), 1u);
  EXPECT_TRUE(
      differences[0].starts_with("line 5: the test would evaluate groups more than 1000000 times"))
      << differences[0];
}

}  // namespace
}  // namespace skald::ruler
