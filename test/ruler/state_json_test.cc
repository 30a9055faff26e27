#include "ruler/state_json.h"

#include <gtest/gtest.h>

#include "support/matchers.h"

namespace skald::ruler {
namespace {

using skald::test::HasCode;
using skald::test::IsOk;

// As commit 2fe3310 wrote it.
constexpr std::string_view kWritten =
    R"({"groups":[{"group":"g","namespace":"n","rules":[{"alerts":[{"active_at":7,)"
    R"("annotations":{"summary":"s"},"fired_at":8,"keep_firing_since":0,)"
    R"("labels":{"alertname":"A","pod":"a"},"last_sent":9,"resolved_at":0,"state":2,)"
    R"("value":"+Inf"}],"labels":{"sev":"page"},"rule":"A"}],"saved_at":8,"tenant":"t"},)"
    R"({"group":"h","namespace":"n","rules":[],"tenant":"t"}],"saved_at":9,"version":1})";

TEST(StateJsonTest, ReadsWhatTheFirstVersionWrote) {
  const auto groups = DecodeStateJson(kWritten);
  ASSERT_THAT(groups, IsOk());
  ASSERT_EQ(groups->size(), 2u);
  EXPECT_EQ((*groups)[0].key, (GroupKey{"t", "n", "g"}));
  EXPECT_EQ((*groups)[0].saved_at_ns, 8);
  EXPECT_EQ((*groups)[1].saved_at_ns, 9);  // It says once when all was saved.
  const RuleAlerts& rule = (*groups)[0].rules.at(0);
  EXPECT_EQ(rule.rule, "A");
  EXPECT_EQ(rule.rule_labels, (TextMap{{"sev", "page"}}));
  const Alert& alert = rule.alerts.at(0);
  EXPECT_EQ(alert.labels, model::Labels({{"alertname", "A"}, {"pod", "a"}}));
  EXPECT_EQ(alert.state, AlertState::kFiring);
  EXPECT_GT(alert.value, 1e308);
  EXPECT_EQ(alert.active_at_ns, 7);
  EXPECT_EQ(alert.last_sent_ns, 9);
}

TEST(StateJsonTest, SurvivesEveryDamagedByteAndLength) {
  for (size_t i = 0; i < kWritten.size(); ++i) {
    EXPECT_THAT(DecodeStateJson(kWritten.substr(0, i)), HasCode(StatusCode::kDataLoss)) << i;
    std::string damaged(kWritten);
    damaged[i] = static_cast<char>(damaged[i] ^ 0x11);
    (void)DecodeStateJson(damaged).ok();
  }
}

TEST(StateJsonTest, TakesOnlyWholeNumbersThatFit) {
  for (const std::string_view number : {":7,", ":8,", ":0,", ":9,", ":2,", ":8,\"tenant", ":1}"}) {
    for (const std::string_view instead : {"1e40", "-1e40", "7.5", "\"7\"", "null"}) {
      std::string other(kWritten);
      other.replace(other.find(number) + 1, 1, instead);
      EXPECT_THAT(DecodeStateJson(other), HasCode(StatusCode::kDataLoss)) << other;
    }
  }
}

}  // namespace
}  // namespace skald::ruler
