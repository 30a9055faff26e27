#include "distributor/push_validator.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/config_node.h"
#include "support/time_units.h"

namespace skald::distributor {
namespace {

using model::MetadataPair;
using test::kSecond;

constexpr int64_t kNow = 1'768'474'800 * kSecond;  // 2026-01-15T11:00:00Z

class PushValidatorTest : public testing::Test {
 protected:
  PushValidatorTest() {
    profile_.labels = std::make_shared<const model::Labels>(model::Labels{{"a", "b"}});
  }

  // The text of the refusal of an entry; empty if it is good.
  std::string Check(int64_t time_ns, std::string_view line,
                    const std::vector<MetadataPair>& metadata = {}) {
    const PushRules rules(std::make_shared<const Limits>(limits_));
    refusals_ = Refusals();
    PushValidator validator(
        rules, {.tenant = "t", .now_ns = kNow, .backfill = backfill_, .floor_ns = floor_ns_},
        refusals_);
    EXPECT_TRUE(validator.CheckStream(profile_, 1, 0));
    const model::PushEntry entry = {.time_ns = time_ns, .line = line};
    const bool good = validator.CheckEntry(profile_, entry, metadata);
    EXPECT_EQ(good, !refusals_.HasErrors());
    return good ? "" : refusals_.Text();
  }
  std::string reason() const {
    return refusals_.counts().empty() ? "" : refusals_.counts()[0].reason;
  }

  Limits limits_;
  StreamProfile profile_;
  Refusals refusals_;
  bool backfill_ = false;
  int64_t floor_ns_ = 0;
};

TEST_F(PushValidatorTest, HoldsEntriesToTheirAge) {
  limits_.reject_old_samples_max_age = std::chrono::hours(1);
  EXPECT_EQ(Check(kNow - 3600 * kSecond, "x"), "");
  EXPECT_EQ(Check(kNow - 3601 * kSecond, "x"),
            "entry for stream '{a=\"b\"}' has timestamp too old: 2026-01-15T09:59:59Z, oldest "
            "acceptable timestamp is: 2026-01-15T10:00:00Z");
  EXPECT_EQ(reason(), "greater_than_max_sample_age");
  backfill_ = true;
  EXPECT_EQ(Check(0, "x"), "");
  backfill_ = false;
  limits_.reject_old_samples = false;
  EXPECT_EQ(Check(0, "x"), "");
}

TEST_F(PushValidatorTest, RefusesWhatTheStoreHasNoRoomForHoweverOldEntriesMayBe) {
  limits_.reject_old_samples = false;
  floor_ns_ = kNow;
  for (const bool backfill : {false, true}) {
    backfill_ = backfill;
    EXPECT_EQ(Check(kNow, "x"), "");
    EXPECT_EQ(Check(kNow - kSecond, "x"),
              "entry for stream '{a=\"b\"}' has timestamp too old: 2026-01-15T10:59:59Z, oldest "
              "acceptable timestamp is: 2026-01-15T11:00:00Z: what is older went to make room "
              "(compactor.retention_max_bytes, retention_max_disk_share)");
    EXPECT_EQ(reason(), "greater_than_max_sample_age");
  }
}

TEST_F(PushValidatorTest, RefusesTheFuture) {
  limits_.creation_grace_period = std::chrono::minutes(10);
  EXPECT_EQ(Check(kNow + 600 * kSecond, "x"), "");
  EXPECT_EQ(Check(kNow + 601 * kSecond, "x"),
            "entry for stream '{a=\"b\"}' has timestamp too new: 2026-01-15T11:10:01Z");
  EXPECT_EQ(reason(), "too_far_in_future");
}

TEST_F(PushValidatorTest, HoldsLinesToTheirLength) {
  limits_.max_line_size = 4;
  EXPECT_EQ(Check(kNow, "1234"), "");
  EXPECT_EQ(Check(kNow, "12345"),
            "max entry size '4' bytes exceeded for stream '{a=\"b\"}' while adding an entry with "
            "length '5' bytes");
  EXPECT_EQ(reason(), "line_too_long");
  EXPECT_EQ(refusals_.counts()[0].bytes, 5u);
  limits_.max_line_size = 0;
  EXPECT_EQ(Check(kNow, std::string(1 << 20, 'x')), "");
}

TEST_F(PushValidatorTest, HoldsMetadataToItsLimits) {
  limits_.max_structured_metadata_size = 5;
  limits_.max_structured_metadata_entries_count = 2;
  EXPECT_EQ(Check(kNow, "x", {{"a", "1"}, {"b", "22"}}), "");
  EXPECT_EQ(Check(kNow, "x", {{"a", "12345"}}),
            "stream '{a=\"b\"}' has structured metadata too large: '6' bytes, limit: '5' bytes. "
            "Please see `limits_config.max_structured_metadata_size` or contact your Loki "
            "administrator to increase it");
  EXPECT_EQ(reason(), "structured_metadata_too_large");
  EXPECT_EQ(Check(kNow, "x", {{"a", ""}, {"b", ""}, {"c", ""}}),
            "stream '{a=\"b\"}' has too many structured metadata labels: '3', limit: '2'. Please "
            "see `limits_config.max_structured_metadata_entries_count` or contact your Loki "
            "administrator to increase it");
  EXPECT_EQ(reason(), "structured_metadata_too_many");
  limits_.allow_structured_metadata = false;
  EXPECT_EQ(Check(kNow, "x"), "");
  EXPECT_EQ(Check(kNow, "x", {{"a", "1"}}),
            "stream '{a=\"b\"}' includes structured metadata, but this feature is disallowed. "
            "Please see `limits_config.allow_structured_metadata` or contact your Loki "
            "administrator to enable it");
  EXPECT_EQ(reason(), "disallowed_structured_metadata");
}

TEST_F(PushValidatorTest, RefusesAStreamOnceWithAllItsEntries) {
  const PushRules rules(std::make_shared<const Limits>(limits_));
  PushValidator validator(rules, {.tenant = "t", .now_ns = kNow}, refusals_);
  profile_.missing_labels = "team,owner";
  profile_.policy = "strict";
  EXPECT_FALSE(validator.CheckStream(profile_, 7, 100));
  EXPECT_EQ(refusals_.Text(),
            "missing required labels 'team,owner' for user 't' for stream '{a=\"b\"}' (policy: "
            "'strict')");
  ASSERT_EQ(refusals_.counts().size(), 1u);
  EXPECT_EQ(refusals_.counts()[0].reason, "missing_enforced_labels");
  EXPECT_EQ(refusals_.counts()[0].entries, 7u);
  EXPECT_EQ(refusals_.counts()[0].bytes, 100u);
}

TEST_F(PushValidatorTest, KnowsWhatIsBlockedAndUntilWhen) {
  limits_.block_ingestion_status_code = 456;
  limits_.block_ingestion_policy_until =
      *ParseYaml("{p: '2099-12-31T00:00:00Z', expired: '2020-01-01T00:00:00Z'}");
  const PushRules rules(std::make_shared<const Limits>(limits_));
  PushValidator validator(rules, {.tenant = "t", .now_ns = kNow}, refusals_);
  EXPECT_FALSE(validator.IsBlocked(profile_));
  profile_.policy = "expired";
  EXPECT_FALSE(validator.IsBlocked(profile_));
  profile_.policy = "p";
  ASSERT_TRUE(validator.IsBlocked(profile_));
  validator.RefuseBlocked(profile_, 2, 20);
  EXPECT_EQ(validator.blocked_message(),
            "ingestion blocked for user 't' (policy: 'p') until '2099-12-31T00:00:00Z' with status "
            "code '456'");
  EXPECT_EQ(refusals_.counts()[0].reason, "blocked_ingestion_policy");
  EXPECT_FALSE(refusals_.HasErrors()) << "a block has an answer of its own";

  limits_.block_ingestion_until = "2098-01-01T12:00:00Z";
  const PushRules whole(std::make_shared<const Limits>(limits_));
  PushValidator tenant(whole, {.tenant = "t", .now_ns = kNow}, refusals_);
  ASSERT_TRUE(tenant.IsBlocked(profile_));
  tenant.RefuseBlocked(profile_, 1, 1);
  EXPECT_EQ(tenant.blocked_message(),
            "ingestion blocked for user 't' until '2098-01-01T12:00:00Z' with status code '456'");
}

}  // namespace
}  // namespace skald::distributor
