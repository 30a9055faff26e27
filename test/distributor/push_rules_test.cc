#include "distributor/push_rules.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "common/config_node.h"

namespace skald::distributor {
namespace {

ConfigNode Yaml(const std::string& text) { return *ParseYaml(text); }

PushRules Make(Limits limits) {
  return PushRules(std::make_shared<const Limits>(std::move(limits)));
}

TEST(PushRulesTest, ReadsTimesOfBlocks) {
  Limits limits;
  EXPECT_EQ(Make(limits).blocked_until_ns, 0);
  limits.block_ingestion_until = "0";
  EXPECT_EQ(Make(limits).blocked_until_ns, 0);
  limits.block_ingestion_until = "1970-01-01T00:00:05Z";
  limits.block_ingestion_policy_until = Yaml("{p: '1970-01-01T00:00:07Z', q: nonsense}");
  const PushRules rules = Make(limits);
  EXPECT_EQ(rules.blocked_until_ns, 5'000'000'000);
  EXPECT_EQ(rules.policy_blocked_until_ns.at("p"), 7'000'000'000);
  EXPECT_EQ(rules.policy_blocked_until_ns.at("q"), 0);
}

TEST(PushRulesTest, PicksThePolicyOfHighestPriorityThenByName) {
  Limits limits;
  limits.policy_stream_mapping = Yaml(R"(
zeta: [{selector: '{env="dev"}', priority: 1}]
beta: [{selector: '{env="dev"}', priority: 1}, {selector: '{kind=~"x|y"}', priority: 10}]
alpha: [{selector: '{env=~"dev|test"}', priority: 1}]
broken: [{selector: 'no selector', priority: 99}]
any: [{selector: '{}', priority: 0}])");
  const PushRules rules = Make(limits);
  EXPECT_EQ(rules.PolicyOf({{"env", "dev"}}), "alpha");
  EXPECT_EQ(rules.PolicyOf({{"env", "dev"}, {"kind", "y"}}), "beta");
  EXPECT_EQ(rules.PolicyOf({{"env", "prod"}}), "any");
  EXPECT_TRUE(rules.KnowsPolicy("zeta"));
  EXPECT_FALSE(rules.KnowsPolicy("broken"));
  EXPECT_FALSE(rules.KnowsPolicy(""));
}

TEST(PushRulesTest, ReadsWhatPoliciesDemandAndGrant) {
  Limits limits;
  limits.policy_enforced_labels = Yaml("{strict: [team, owner]}");
  limits.policy_override_limits = Yaml(
      "{slow: {ingestion_rate_mb: 0.5, max_streams_per_user: 3}, odd: {ingestion_rate_mb: x}}");
  const PushRules rules = Make(limits);
  EXPECT_EQ(rules.policy_enforced_labels.at("strict"), std::vector<std::string>({"team", "owner"}));
  EXPECT_EQ(rules.policy_rates.at("slow").rate_mb, 0.5);
  EXPECT_EQ(rules.policy_rates.at("slow").burst_mb, std::nullopt);
  EXPECT_EQ(rules.policy_rates.at("odd").rate_mb, std::nullopt);
}

TEST(PushRulesTest, ReadsGenericFields) {
  Limits limits;
  limits.discover_generic_fields = Yaml("{fields: {trace_id: [traceID, trace.id]}}");
  const PushRules rules = Make(limits);
  ASSERT_EQ(rules.generic_fields.size(), 1u);
  EXPECT_EQ(rules.generic_fields[0].name, "trace_id");
  EXPECT_EQ(rules.generic_fields[0].hints, std::vector<std::string>({"traceID", "trace.id"}));
}

}  // namespace
}  // namespace skald::distributor
