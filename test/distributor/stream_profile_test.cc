#include "distributor/stream_profile.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "common/config_node.h"
#include "support/matchers.h"

namespace skald::distributor {
namespace {

using test::HasMessage;
using test::IsOk;

class StreamProfileTest : public testing::Test {
 protected:
  StreamProfile Make(std::string_view text, const StreamContext& context = {}) {
    auto profile = TryMake(text, context);
    EXPECT_THAT(profile, IsOk()) << text;
    return *std::move(profile);
  }
  Result<StreamProfile> TryMake(std::string_view text, const StreamContext& context = {}) {
    return MakeStreamProfile(Rules(), context, {.label_text = text});
  }
  PushRules Rules() const { return PushRules(std::make_shared<const Limits>(limits_)); }

  Limits limits_;
};

TEST_F(StreamProfileTest, AddsTheServiceName) {
  EXPECT_EQ(Make(R"({t="x", app="a"})").labels->ToString(),
            R"({app="a", service_name="a", t="x"})");
  EXPECT_EQ(Make(R"({service_name="s", app="a"})").labels->ToString(),
            R"({app="a", service_name="s"})");
  EXPECT_TRUE(Make(R"({app="a"})").service_name_discovered);
  EXPECT_FALSE(Make(R"({service_name="s", app="a"})").service_name_discovered);
  EXPECT_EQ(Make("{}").labels->ToString(), R"({service_name="unknown_service"})");
  EXPECT_EQ(Make("").labels->ToString(), R"({service_name="unknown_service"})");
  const StreamProfile profile = Make(R"({a="b"})");
  EXPECT_EQ(profile.fingerprint, profile.labels->Hash());
}

TEST_F(StreamProfileTest, LeavesInternalStreamsAlone) {
  limits_.max_label_names_per_series = 1;
  limits_.enforced_labels = {"team"};
  const StreamProfile profile = Make(R"({__pattern__="x", a="1", b="2"})");
  EXPECT_TRUE(profile.internal);
  EXPECT_EQ(profile.labels->ToString(), R"({__pattern__="x", a="1", b="2"})");
  EXPECT_TRUE(profile.refusal_reason.empty());
  EXPECT_TRUE(profile.missing_labels.empty());
}

TEST_F(StreamProfileTest, RefusesNoLabelsWhenNoneIsAdded) {
  limits_.discover_service_name.clear();
  const StreamProfile profile = Make("{}");
  EXPECT_EQ(profile.refusal_reason, "missing_labels");
  EXPECT_EQ(profile.refusal_message, "error at least one label pair is required per stream");
}

TEST_F(StreamProfileTest, RefusesLabelsBeyondTheLimits) {
  limits_.max_label_names_per_series = 2;
  limits_.max_label_name_length = 5;
  limits_.max_label_value_length = 6;
  struct Row {
    std::string text;
    std::string reason;
    std::string message;
  };
  const std::vector<Row> rows = {
      {R"({a="1", b="2", c="3"})", "max_label_names_per_series",
       R"(entry for stream '{a="1", b="2", c="3", service_name="unknown_service"}' has 3 label names; limit 2)"},
      {R"({toolong="1", service_name="s"})", "label_name_too_long",
       R"(stream '{service_name="s", toolong="1"}' has label name too long: 'service_name')"},
      {R"({a="b", a="c"})", "duplicate_label_names",
       R"(stream '{a="b", a="c"}' has duplicate label name: 'a')"},
  };
  for (const Row& row : rows) {
    const StreamProfile profile = Make(row.text);
    EXPECT_EQ(profile.refusal_reason, row.reason) << row.text;
    EXPECT_EQ(profile.refusal_message, row.message) << row.text;
  }
  limits_.max_label_name_length = 20;
  const StreamProfile profile = Make(R"({a="1234567", service_name="s"})");
  EXPECT_EQ(profile.refusal_reason, "label_value_too_long");
  EXPECT_EQ(profile.refusal_message,
            R"(stream '{a="1234567", service_name="s"}' has label value too long: '1234567')");
  EXPECT_EQ(Make(R"({a="123456", b="x", service_name="s"})").refusal_reason, "");
}

TEST_F(StreamProfileTest, FailsForATextThatIsNoLabelSet) {
  EXPECT_THAT(TryMake(R"({a="b")"),
              HasMessage(testing::StartsWith("couldn't parse labels: 1:7: parse error: ")));
}

TEST_F(StreamProfileTest, KnowsWhichEnforcedLabelsAreMissing) {
  limits_.enforced_labels = {"team"};
  limits_.policy_enforced_labels = *ParseYaml("{strict: [team, owner]}");
  EXPECT_EQ(Make(R"({a="b"})").missing_labels, "team");
  EXPECT_EQ(Make(R"({a="b"})", {.policy = "strict"}).missing_labels, "team,owner");
  EXPECT_EQ(Make(R"({owner="o"})", {.policy = "strict"}).missing_labels, "team");
  EXPECT_EQ(Make(R"({team="t"})").missing_labels, "");
}

TEST_F(StreamProfileTest, TakesThePolicyFromSelectorsUnlessItIsGiven) {
  limits_.policy_stream_mapping = *ParseYaml("{dev: [{selector: '{env=\"dev\"}'}]}");
  EXPECT_EQ(Make(R"({env="dev"})").policy, "dev");
  EXPECT_EQ(Make(R"({env="dev"})", {.policy = "given"}).policy, "given");
  EXPECT_EQ(Make(R"({env="prod"})").policy, "");
}

TEST_F(StreamProfileTest, MarksBackfillDataAndForbidsToForgeIt) {
  limits_.max_label_names_per_series = 1;
  const StreamProfile profile = Make(R"({a="b"})", {.backfill_shard = "s1"});
  EXPECT_EQ(
      profile.labels->ToString(),
      R"({__backfill__="true", __backfill_shard__="s1", a="b", service_name="unknown_service"})");
  EXPECT_FALSE(profile.reserved);
  EXPECT_TRUE(profile.refusal_reason.empty());
  EXPECT_TRUE(Make(R"({__backfill__="x"})").reserved);
  EXPECT_TRUE(Make(R"({__backfill_shard__="x"})").reserved);
}

TEST_F(StreamProfileTest, TakesLabelsThatAreParsedAlready) {
  const auto labels = std::make_shared<const model::Labels>(model::Labels{{"app", "a"}});
  const auto profile = MakeStreamProfile(Rules(), {}, {.labels = labels});
  ASSERT_THAT(profile, IsOk());
  EXPECT_EQ(profile->labels->ToString(), R"({app="a", service_name="a"})");
}

}  // namespace
}  // namespace skald::distributor
