#include "model/retention_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "support/matchers.h"

namespace skald::model {
namespace {

using std::chrono::hours;
using test::IsOk;
using testing::HasSubstr;

constexpr Nanoseconds kDay = hours(24);

// `app=a` for {app="a"}; nothing for {}.
Result<Matchers> ParseOne(std::string_view text) {
  if (text.empty()) return Matchers();
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos) return InvalidArgument("no selector");
  SKALD_ASSIGN_OR_RETURN(Matcher matcher, Matcher::Make(MatchOp::kEqual, text.substr(0, equals),
                                                        text.substr(equals + 1)));
  return Matchers{std::move(matcher)};
}

Result<RetentionRules> Make(std::string_view yaml, Nanoseconds otherwise = Nanoseconds(0)) {
  const auto rules = ParseYaml(yaml);
  EXPECT_THAT(rules, IsOk());
  return RetentionRules::Make(*rules, otherwise, ParseOne);
}

Nanoseconds PeriodOf(const Result<RetentionRules>& rules, Labels stream) {
  EXPECT_THAT(rules, IsOk());
  return rules->PeriodOf(stream);
}

TEST(RetentionRulesTest, WithoutRulesEveryStreamIsKeptForTheSameTime) {
  const auto rules = Make("[]", hours(1));
  EXPECT_EQ(PeriodOf(rules, {{"app", "a"}}), hours(1));
  EXPECT_EQ(rules->shortest(), hours(1));
  EXPECT_EQ(rules->longest(), hours(1));
}

TEST(RetentionRulesTest, AStreamThatNoRuleMatchesIsKeptAsAllOthers) {
  const auto rules = Make("[{selector: app=a, period: 24h}]", 3 * kDay);
  EXPECT_EQ(PeriodOf(rules, {{"app", "a"}}), kDay);
  EXPECT_EQ(PeriodOf(rules, {{"app", "b"}}), 3 * kDay);
  EXPECT_EQ(PeriodOf(rules, {{"job", "a"}}), 3 * kDay);
}

TEST(RetentionRulesTest, OfSeveralThatMatchTheHighestPriorityDecides) {
  const auto rules = Make(
      "[{selector: app=a, priority: 1, period: 24h}, {selector: env=p, priority: 9, period: 72h},"
      " {selector: dc=x, priority: -1, period: 48h}]");
  EXPECT_EQ(PeriodOf(rules, {{"app", "a"}, {"env", "p"}, {"dc", "x"}}), 3 * kDay);
  EXPECT_EQ(PeriodOf(rules, {{"app", "a"}, {"dc", "x"}}), kDay);
  EXPECT_EQ(PeriodOf(rules, {{"dc", "x"}}), 2 * kDay);
}

TEST(RetentionRulesTest, OfEqualPrioritiesTheShortestDecidesWhateverTheirOrder) {
  for (
      const char* yaml :
      {"[{selector: app=a, priority: 2, period: 24h}, {selector: env=p, priority: 2, period: 48h}]",
       "[{selector: env=p, priority: 2, period: 48h}, {selector: app=a, priority: 2, period: 24h}]",
       "[{selector: env=p, period: 48h}, {selector: app=a, period: 24h}]"}) {
    const auto rules = Make(yaml);
    EXPECT_EQ(PeriodOf(rules, {{"app", "a"}, {"env", "p"}}), kDay) << yaml;
    EXPECT_EQ(PeriodOf(rules, {{"env", "p"}}), 2 * kDay) << yaml;
  }
}

TEST(RetentionRulesTest, ARuleMayKeepLongerThanTheRestAndMatchEverything) {
  EXPECT_EQ(PeriodOf(Make("[{selector: app=a, period: 30d}]", kDay), {{"app", "a"}}), 30 * kDay);
  EXPECT_EQ(PeriodOf(Make("[{period: 48h}]", kDay), {{"app", "b"}}), 2 * kDay);
}

TEST(RetentionRulesTest, ForEverIsTheLongestOfAllPeriods) {
  const auto kept = Make("[{selector: app=a, period: 24h}, {selector: app=b, period: 72h}]");
  EXPECT_EQ(kept->shortest(), kDay);
  EXPECT_EQ(kept->longest(), hours(0));
  const auto all = Make("[{selector: app=a, period: 24h}, {selector: app=b, period: 72h}]", kDay);
  EXPECT_EQ(all->shortest(), kDay);
  EXPECT_EQ(all->longest(), 3 * kDay);
}

TEST(RetentionRulesTest, NamesWhatIsWrong) {
  const struct {
    std::string_view yaml;
    std::string_view message;
  } rows[] = {
      {"[{selector: app, period: 24h}]", "retention_stream: invalid labels matchers: no selector"},
      {"[{selector: app=a, period: 23h}]",
       "retention_stream: retention period must be >= 24h was 23h"},
      {"[{selector: app=a}]", "retention_stream: "},
      {"[{selector: app=a, period: soon}]", "soon"},
      {"[{selector: app=a, period: 24h, priority: high}]",
       "retention_stream: priority is no number: high"},
  };
  for (const auto& row : rows) {
    const auto rules = Make(row.yaml);
    EXPECT_EQ(rules.status().code(), StatusCode::kInvalidArgument) << row.yaml;
    EXPECT_THAT(std::string(rules.status().message()), HasSubstr(row.message)) << row.yaml;
  }
}

}  // namespace
}  // namespace skald::model
