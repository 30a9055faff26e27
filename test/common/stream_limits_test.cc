#include "common/stream_limits.h"

#include <gtest/gtest.h>

namespace skald {
namespace {

class StreamLimitsTest : public testing::Test {
 protected:
  void Override(std::string_view yaml) { limits_.policy_override_limits = *ParseYaml(yaml); }

  Limits limits_;
};

TEST_F(StreamLimitsTest, AreTheTenantsWithoutAPolicy) {
  limits_.max_streams_per_user = 7;
  Override("{p: {max_streams_per_user: 3}}");
  for (const char* policy : {"", "unknown"}) {
    const StreamLimits limits = StreamLimitsOf(limits_, policy);
    EXPECT_FALSE(limits.own_count);
    EXPECT_EQ(limits.max_streams, 7);
    EXPECT_EQ(limits.max_global_streams, 5000);
    EXPECT_EQ(limits.rate, 3u << 20);
    EXPECT_EQ(limits.burst, 15u << 20);
    EXPECT_TRUE(limits.sharded);
    EXPECT_EQ(limits.shard_rate, 1536u << 10);
  }
}

TEST_F(StreamLimitsTest, APolicyChangesWhatItNamesAndNothingElse) {
  Override(
      "{p: {max_global_streams_per_user: 3, per_stream_rate_limit: 1KB, "
      "shard_streams: {desired_rate: 2KB}}}");
  limits_.shard_streams = *ParseYaml("{enabled: false}");
  const StreamLimits limits = StreamLimitsOf(limits_, "p");
  EXPECT_TRUE(limits.own_count);
  EXPECT_EQ(limits.max_global_streams, 3);
  EXPECT_EQ(limits.max_streams, 0);
  EXPECT_EQ(limits.rate, 1024u);
  EXPECT_EQ(limits.burst, 15u << 20);
  EXPECT_FALSE(limits.sharded);
  EXPECT_EQ(limits.shard_rate, 2048u);
}

TEST_F(StreamLimitsTest, ReadsFromWhenOnEntriesAreShardedByTime) {
  EXPECT_FALSE(StreamLimitsOf(limits_, "").time_sharded);
  EXPECT_EQ(StreamLimitsOf(limits_, "").time_sharded_age, std::chrono::minutes(40));
  limits_.shard_streams =
      *ParseYaml("{time_sharding_enabled: true, time_sharding_ignore_recent: 1h30m}");
  Override("{p: {shard_streams: {time_sharding_ignore_recent: soon}}}");
  for (const char* policy : {"", "p"}) {
    const StreamLimits limits = StreamLimitsOf(limits_, policy);
    EXPECT_TRUE(limits.time_sharded);
    EXPECT_EQ(limits.time_sharded_age, std::chrono::minutes(90));
  }
}

TEST_F(StreamLimitsTest, APolicyMayHaveNoBoundWhereTheTenantHasOne) {
  Override("{p: {max_global_streams_per_user: 0}}");
  const StreamLimits limits = StreamLimitsOf(limits_, "p");
  EXPECT_TRUE(limits.own_count);
  EXPECT_EQ(limits.max_global_streams, 0);
}

TEST_F(StreamLimitsTest, PassesOverWhatItCannotRead) {
  Override(
      "{p: {max_streams_per_user: many, per_stream_rate_limit: [1], per_stream_rate_limit_burst: "
      "-1, shard_streams: {enabled: perhaps}}, q: text}");
  const StreamLimits limits = StreamLimitsOf(limits_, "p");
  EXPECT_FALSE(limits.own_count);
  EXPECT_EQ(limits.rate, 3u << 20);
  EXPECT_EQ(limits.burst, 15u << 20);
  EXPECT_TRUE(limits.sharded);
  EXPECT_FALSE(StreamLimitsOf(limits_, "q").own_count);
}

TEST_F(StreamLimitsTest, AreRefusedByNameWhereTheyCannotBeRead) {
  Override(
      "{p: {ingestion_rate_mb: 0.5, per_stream_rate_limit: 1KB, shard_streams: {enabled: no}}}");
  limits_.shard_streams = *ParseYaml("{desired_rate: 2MB, time_sharding_ignore_recent: 1h}");
  EXPECT_TRUE(CheckStreamLimits(limits_).ok());
  EXPECT_FALSE(StreamLimitsOf(limits_, "p").sharded);
  const struct {
    const char* overrides;
    const char* message;
  } kRows[] = {
      {"{p: {max_streams_per_user: many}}",
       "policy_override_limits: p: line 1: max_streams_per_user: 'many' is no number of the right "
       "size"},
      {"{p: {ingestion_rate_mb: [1]}}",
       "policy_override_limits: p: line 1: ingestion_rate_mb: a single value is wanted"},
      {"{p: {shard_streams: {enabled: perhaps}}}",
       "policy_override_limits: p: line 1: shard_streams.enabled: 'perhaps' is neither true nor "
       "false"},
      {"{p: {max_streams_per_users: 1}}",
       "failed parsing config: policy_override_limits: p: line 1: field max_streams_per_users not "
       "found in the document; did you mean max_streams_per_user?"},
      {"{q: text}", "policy_override_limits: q: the document is no map of settings"},
  };
  for (const auto& row : kRows) {
    Override(row.overrides);
    EXPECT_EQ(CheckStreamLimits(limits_).message(), row.message) << row.overrides;
  }
  Override("{}");
  limits_.shard_streams = *ParseYaml("{desired_rate: fast}");
  EXPECT_EQ(CheckStreamLimits(limits_).code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace skald
