#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "common/config_node.h"
#include "distributor/distributor_fixture.h"
#include "support/matchers.h"
#include "wire/push_json.h"

namespace skald::distributor {
namespace {

using test::HasCode;
using test::HasMessage;
using test::IsOk;
using testing::HasSubstr;
using Entry = test::FakeIngester::Entry;
using Entries = std::vector<Entry>;

using DistributorTest = DistributorFixture;

TEST_F(DistributorTest, StoresEntriesWithTheirLevelAndCleanMetadata) {
  EXPECT_THAT(PushValues({R"("an error")", R"("x",{"trace.id":"1","user":"u","level":"wrn"})",
                          R"("x",{"detected_level":"ERR"})"})
                  .status,
              IsOk());
  EXPECT_EQ(
      Stored(kStream),
      Entries({{kNow, "an error", {{"detected_level", "error"}}},
               {kNow,
                "x",
                {{"level", "wrn"}, {"trace_id", "1"}, {"user", "u"}, {"detected_level", "warn"}}},
               {kNow, "x", {{"detected_level", "error"}}}}));
}

TEST_F(DistributorTest, TakesTheLevelFromTheFirstOfEqualNamesAndStoresTheLast) {
  EXPECT_THAT(PushValues({R"("x",{"level":"error","level":"info"})"}).status, IsOk());
  EXPECT_EQ(Stored(kStream),
            Entries({{kNow, "x", {{"level", "info"}, {"detected_level", "error"}}}}));
}

TEST_F(DistributorTest, AddsNothingWhenDiscoveryIsOff) {
  limits_.discover_log_levels = false;
  limits_.discover_service_name.clear();
  EXPECT_THAT(PushValues({R"("an error",{"k":"v"})"}).status, IsOk());
  EXPECT_EQ(Stored(R"({t="x"})"), Entries({{kNow, "an error", {{"k", "v"}}}}));
}

TEST_F(DistributorTest, AddsGenericFieldsThatAreNotThere) {
  limits_.discover_log_levels = false;
  limits_.discover_generic_fields = *ParseYaml("{fields: {org: [org_id, user.org], own: [t]}}");
  EXPECT_THAT(
      PushValues({R"("org_id=7 x=1")", R"("{\"user\":{\"org\":\"9\"}}",{"own":"kept"})"}).status,
      IsOk());
  EXPECT_EQ(Stored(kStream),
            Entries({{kNow, "org_id=7 x=1", {{"org", "7"}, {"own", "x"}}},
                     {kNow, R"({"user":{"org":"9"}})", {{"own", "kept"}, {"org", "9"}}}}));
}

TEST_F(DistributorTest, StoresWhatIsGoodAndNamesTheRest) {
  limits_.max_line_size = 4;
  const PushReply reply = PushValues({R"("good")", R"("too long")", R"("fine")"});
  EXPECT_THAT(reply.status, HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(reply.status,
              HasMessage("max entry size '4' bytes exceeded for stream '{service_name="
                         "\"unknown_service\", t=\"x\"}' while adding an entry with length '8' "
                         "bytes"));
  EXPECT_EQ(Stored(kStream).size(), 2u);
}

TEST_F(DistributorTest, GroupsEqualRefusals) {
  limits_.max_line_size = 4;
  EXPECT_THAT(PushValues({R"("12345")", R"("54321")", R"("123456")"}).status,
              HasMessage(testing::AllOf(HasSubstr("2 errors like: max entry size '4'"),
                                        HasSubstr("; 1 errors like: max entry size '4'"))));
  EXPECT_EQ(ingester_.pushes(), 0) << "nothing was left to send";
}

TEST_F(DistributorTest, RefusesMetadataWithoutAUsableName) {
  const PushReply reply = PushValues({R"("x",{"___":"v"})", R"("y")"});
  EXPECT_THAT(reply.status, HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(reply.status, HasMessage(HasSubstr("resulted in invalid name")));
  EXPECT_EQ(Stored(kStream).size(), 1u);
}

TEST_F(DistributorTest, CutsLongLinesWhereItIsTold) {
  limits_.max_line_size = 10;
  limits_.max_line_size_truncate = true;
  limits_.max_line_size_truncate_identifier = "[cut]";
  EXPECT_THAT(PushValues({R"("0123456789")", R"("0123456789a")"}).status, IsOk());
  const Entries stored = Stored(kStream);
  ASSERT_EQ(stored.size(), 2u);
  EXPECT_EQ(stored[0].line, "0123456789");
  EXPECT_EQ(stored[1].line, "01234[cut]");

  limits_.max_line_size_truncate_identifier = "no room for this";
  EXPECT_THAT(PushValues({R"("0123456789a")"}).status, HasCode(StatusCode::kInvalidArgument));
}

TEST_F(DistributorTest, SeparatesDifferentLinesOfOneTime) {
  limits_.increment_duplicate_timestamp = true;
  EXPECT_THAT(PushValues({R"("a")", R"("b")", R"("a")", R"("a")"}).status, IsOk());
  std::vector<int64_t> times;
  for (const Entry& entry : Stored(kStream)) times.push_back(entry.time_ns - kNow);
  // The last is equal to the one before it: it stays where it was sent.
  EXPECT_EQ(times, std::vector<int64_t>({0, 1, 2, 0}));
}

TEST_F(DistributorTest, RefusesAPushWithoutStreams) {
  const PushReply reply = Push("");
  EXPECT_THAT(reply.status, HasCode(StatusCode::kFailedPrecondition));
  EXPECT_THAT(reply.status,
              HasMessage("error at least one valid stream is required for ingestion"));
  EXPECT_THAT(Push(R"({"stream":{"a":"b"},"values":[]})").status, IsOk());
  EXPECT_EQ(ingester_.pushes(), 0);
}

TEST_F(DistributorTest, BadLabelsSpoilTheWholePush) {
  const std::string good = R"({"stream":{"t":"x"},"values":[["1700000000000000000","x"]]})";
  EXPECT_THAT(
      Push(good + R"(,{"stream":{"a-b":"x"},"values":[["1700000000000000000","x"]]})").status,
      HasMessage(testing::StartsWith("couldn't parse labels: ")));
  EXPECT_THAT(
      Push(good + R"(,{"stream":{"__backfill__":"x"},"values":[["1700000000000000000","x"]]})")
          .status,
      HasMessage(testing::StartsWith("streams must not contain the reserved labels")));
  EXPECT_EQ(ingester_.pushes(), 0);
}

TEST_F(DistributorTest, MarksBackfillAndLetsItBeOld) {
  EXPECT_THAT(Push(R"({"stream":{"t":"x"},"values":[["1","x"]]})", {.backfill_shard = "s1"}).status,
              IsOk());
  EXPECT_EQ(
      ingester_.streams().begin()->first,
      R"({__backfill__="true", __backfill_shard__="s1", service_name="unknown_service", t="x"})");
}

TEST_F(DistributorTest, LimitsTheRateOfAllOrNothing) {
  limits_.ingestion_rate_mb = 100.0 / (1 << 20);
  limits_.ingestion_burst_size_mb = 100.0 / (1 << 20);
  const std::string line(60, 'x');
  EXPECT_THAT(PushValues({"\"" + line + "\""}).status, IsOk());
  const PushReply reply = PushValues({"\"" + line + "\"", R"("y",{"k":"v"})"});
  EXPECT_THAT(reply.status, HasCode(StatusCode::kResourceExhausted));
  EXPECT_THAT(reply.status, HasMessage(HasSubstr("'2' lines totaling '63' bytes")));
  EXPECT_EQ(ingester_.pushes(), 1);
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_THAT(PushValues({"\"" + line + "\""}).status, IsOk());
}

TEST_F(DistributorTest, PoliciesMayHaveTheirOwnRate) {
  limits_.policy_stream_mapping = *ParseYaml(R"({slow: [{selector: '{env="slow"}'}]})");
  limits_.policy_override_limits =
      *ParseYaml("{slow: {ingestion_rate_mb: 0.00001, ingestion_burst_size_mb: 0.00001}}");
  const auto stream = [](const std::string& env) {
    return R"({"stream":{"env":")" + env +
           R"("},"values":[["1700000000000000000","0123456789a"]]})";
  };
  EXPECT_THAT(Push(stream("fast")).status, IsOk());
  EXPECT_THAT(Push(stream("fast") + "," + stream("slow")).status,
              HasMessage(HasSubstr("for user t, policy slow (limit: 10 bytes/sec)")));
  EXPECT_EQ(ingester_.pushes(), 1);
}

TEST_F(DistributorTest, SplitsAStreamThatIsPushedToTooFastUnlessToldNotTo) {
  limits_.ingestion_rate_mb = limits_.ingestion_burst_size_mb = 1000;
  // 4 MB a second, under limits that stay as they are meanwhile.
  const auto push_for_seconds = [&](int seconds) {
    limits_source_.Set(limits_);
    for (int i = 0; i < seconds; ++i) {
      clock_.Advance(std::chrono::seconds(1));
      std::string text;
      for (int k = 0; k < 20; ++k) {
        text += (k == 0 ? "[\"" : ",[\"") + std::to_string(kNow + i) + "\",\"" +
                std::string(200'000, 'x') + "\"]";
      }
      auto batch =
          wire::DecodePushJson(R"({"streams":[{"stream":{"t":"x"},"values":[)" + text + "]}]}");
      ASSERT_THAT(distributor_.Push(tenant_, {}, *std::move(batch)).status, IsOk());
    }
  };
  limits_.shard_streams = *ParseYaml("{enabled: false}");
  push_for_seconds(10);
  EXPECT_EQ(ingester_.streams().size(), 1u);
  limits_.shard_streams = {};
  push_for_seconds(20);
  EXPECT_EQ(ingester_.streams().size(), 4u);
  EXPECT_FALSE(Stored(R"({__stream_shard__="0", service_name="unknown_service", t="x"})").empty());
}

TEST_F(DistributorTest, TellsIngestersThePolicyWhoseLimitsDiffer) {
  limits_.policy_stream_mapping =
      *ParseYaml(R"({own: [{selector: '{env="own"}'}], other: [{selector: '{env="other"}'}]})");
  limits_.policy_override_limits = *ParseYaml("{own: {max_streams_per_user: 1}}");
  for (const char* env : {"own", "other", "none"}) {
    ASSERT_THAT(Push(R"({"stream":{"env":")" + std::string(env) +
                     R"("},"values":[["1700000000000000000","x"]]})")
                    .status,
                IsOk());
    EXPECT_EQ(ingester_.last_policy(), env == std::string("own") ? "own" : "") << env;
  }
}

TEST_F(DistributorTest, BlockedStreamsAreDroppedWithTheirStatus) {
  limits_.block_ingestion_policy_until = *ParseYaml("{p: '2099-12-31T00:00:00Z'}");
  limits_.policy_stream_mapping = *ParseYaml(R"({p: [{selector: '{env="blocked"}'}]})");
  limits_.block_ingestion_status_code = 456;
  const std::string streams =
      R"({"stream":{"env":"blocked"},"values":[["1700000000000000000","x"]]},)"
      R"({"stream":{"env":"open"},"values":[["1700000000000000000","x"]]})";
  const PushReply reply = Push(streams);
  EXPECT_THAT(reply.status, HasCode(StatusCode::kPermissionDenied));
  EXPECT_EQ(reply.blocked_status, 456);
  EXPECT_EQ(ingester_.streams().size(), 1u);

  limits_.block_ingestion_status_code = 200;
  EXPECT_THAT(Push(streams).status, IsOk());
  EXPECT_EQ(ingester_.streams().size(), 1u);
}

TEST_F(DistributorTest, RefusalsOfIngestersShowInTheAnswer) {
  ingester_.RefuseWith({.refusals = {{.code = StatusCode::kResourceExhausted,
                                      .message = "stream limit",
                                      .reason = "stream_limit",
                                      .entries = 1,
                                      .bytes = 2}}});
  PushReply reply = PushValues({R"("x")"});
  EXPECT_THAT(reply.status, HasCode(StatusCode::kResourceExhausted));
  EXPECT_THAT(reply.status, HasMessage("stream limit"));
  limits_.max_line_size = 1;
  reply = PushValues({R"("x")", R"("long")"});
  EXPECT_THAT(reply.status, HasCode(StatusCode::kResourceExhausted));
  EXPECT_THAT(reply.status, HasMessage(testing::AllOf(HasSubstr("max entry size"),
                                                      testing::EndsWith("\nstream limit"))));
}

TEST_F(DistributorTest, RefusesWhatIsOlderThanTheFloor) {
  Distributor distributor({.floor_ns = [] { return kNow + 1; }}, limits_source_, replicator_,
                          clock_);
  limits_source_.Set(limits_);
  auto batch = wire::DecodePushJson(R"({"streams":[{"stream":{"t":"x"},"values":[[")" +
                                    std::to_string(kNow) + R"(","x"]]}]})");
  ASSERT_THAT(batch, IsOk());
  EXPECT_THAT(distributor.Push(tenant_, {}, *std::move(batch)).status,
              HasMessage(HasSubstr("timestamp too old")));
  EXPECT_TRUE(ingester_.streams().empty());
}

TEST_F(DistributorTest, FailuresOfIngestersAreTheAnswer) {
  ingester_.AnswerWith(Unavailable("disk full"));
  const PushReply reply = PushValues({R"("x")"});
  EXPECT_THAT(reply.status, HasCode(StatusCode::kUnavailable));
  EXPECT_THAT(reply.status, HasMessage("disk full"));
}

TEST_F(DistributorTest, ChangedLimitsCountFromTheNextPush) {
  EXPECT_THAT(PushValues({R"("12345")"}).status, IsOk());
  limits_.max_line_size = 4;
  limits_.discover_service_name.clear();
  EXPECT_THAT(PushValues({R"("12345")"}).status, HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(PushValues({R"("1234")"}).status, IsOk());
  EXPECT_EQ(Stored(R"({t="x"})").size(), 1u);
}

TEST_F(DistributorTest, OldEntriesBecomeStreamsOfTheirHourWhereThatIsAskedFor) {
  limits_.shard_streams = *ParseYaml("{time_sharding_enabled: true}");
  const auto value = [](int64_t minutes_ago, const std::string& line) {
    return "[\"" + std::to_string(kNow - minutes_ago * 60'000'000'000) + "\",\"" + line + "\"]";
  };
  EXPECT_THAT(
      Push(R"({"stream":{"t":"x"},"values":[)" + value(100, "old") + "," + value(30, "new") + "]}")
          .status,
      IsOk());
  EXPECT_EQ(Stored(kStream).size(), 1u);
  EXPECT_EQ(Stored(R"({__time_shard__="1699992000_1699995600", service_name="unknown_service", )"
                   R"(t="x"})")
                .size(),
            1u);
}

TEST_F(DistributorTest, APushTakesAtLeastTheTimeThatIsSimulated) {
  std::vector<Nanoseconds> slept;
  Distributor distributor({.sleep = [&](Nanoseconds time) { slept.push_back(time); }},
                          limits_source_, replicator_, clock_);
  const auto push = [&] { return distributor.Push(tenant_, {}, model::PushBatch()).status; };
  EXPECT_THAT(push(), HasCode(StatusCode::kFailedPrecondition));
  EXPECT_TRUE(slept.empty());
  limits_.simulated_push_latency = std::chrono::seconds(2);
  limits_source_.Set(limits_);
  EXPECT_THAT(push(), HasCode(StatusCode::kFailedPrecondition));
  EXPECT_EQ(slept, std::vector<Nanoseconds>{std::chrono::seconds(2)});
}

TEST_F(DistributorTest, HandsOnWhatTheIngestersHaveTaken) {
  std::vector<std::string> lines;
  Distributor distributor({.on_stored =
                               [&](const model::TenantId& tenant, const model::PushBatch& batch) {
                                 EXPECT_EQ(tenant, tenant_);
                                 for (const model::PushEntry& entry : batch.entries)
                                   lines.emplace_back(entry.line);
                               }},
                          limits_source_, replicator_, clock_);
  const auto push = [&] {
    auto batch = wire::DecodePushJson(R"({"streams":[{"stream":{"t":"x"},"values":[[")" +
                                      std::to_string(kNow) + R"(","a line"]]}]})");
    return distributor.Push(tenant_, {}, *std::move(batch)).status;
  };
  EXPECT_THAT(push(), IsOk());
  EXPECT_EQ(lines, std::vector<std::string>{"a line"});
  ingester_.AnswerWith(Unavailable("stopping"));
  EXPECT_THAT(push(), HasCode(StatusCode::kUnavailable));
  EXPECT_EQ(lines.size(), 1u);
}

}  // namespace
}  // namespace skald::distributor
