#include "ingester/push_refusal.h"

#include <gtest/gtest.h>

#include "push_batches.h"

namespace skald::ingester {
namespace {

class PushRefusalTest : public testing::Test {
 protected:
  const model::PushBatch batch_ =
      MakeBatch({{{{"app", "a"}},
                  {{1'700'000'000'120'000'000, "hello", {{"detected_level", "info"}, {"id", "1"}}},
                   {1'700'000'001'000'000'000, "you"}}}});
};

TEST_F(PushRefusalTest, NamesTheStreamThatIsOneTooMany) {
  const auto refusal = StreamLimitRefusal("team", batch_, batch_.streams[0], std::nullopt);
  EXPECT_EQ(refusal.stream, batch_.streams[0].fingerprint);
  EXPECT_EQ(refusal.code, StatusCode::kResourceExhausted);
  EXPECT_EQ(refusal.reason, "stream_limit");
  EXPECT_EQ(refusal.entries, 2u);
  EXPECT_EQ(refusal.bytes, 11u);  // The detected level is not the client's.
  EXPECT_EQ(refusal.message,
            "maximum active stream limit exceeded when trying to create stream {app=\"a\"}, reduce "
            "the number of active streams (reduce labels or reduce label values), or contact your "
            "Loki administrator to see if the limit can be increased, user: 'team'");
}

TEST_F(PushRefusalTest, NamesTheLabelThatMakesSoManyStreams) {
  const WideLabel pod{.name = "pod", .values = 48211, .streams = 1050000};
  const auto refusal = StreamLimitRefusal("team", batch_, batch_.streams[0], pod);
  EXPECT_TRUE(refusal.message.starts_with("maximum active stream limit exceeded"));
  EXPECT_TRUE(refusal.message.ends_with(
      "user: 'team'; label `pod` has 48,211 values in 1,050,000 streams: move it to structured "
      "metadata, or raise max_global_streams_per_user (more: GET /api/v1/cardinality)"));
}

TEST_F(PushRefusalTest, NamesTheSettingThatLeavesNoMemoryForAStream) {
  const auto refusal = StreamMemoryRefusal(batch_, batch_.streams[0], 64 << 20, std::nullopt);
  EXPECT_EQ(refusal.code, StatusCode::kUnavailable);
  EXPECT_EQ(refusal.reason, "stream_memory");
  EXPECT_EQ(refusal.entries, 2u);
  EXPECT_EQ(
      refusal.message,
      "no memory for a new stream {app=\"a\"}: those in memory take all of "
      "ingester.stream_memory_bytes (64MB); reduce the number of active streams, or raise it");
  const WideLabel pod{.name = "pod", .values = 48211, .streams = 48300};
  EXPECT_TRUE(StreamMemoryRefusal(batch_, batch_.streams[0], 1, pod)
                  .message.ends_with("or raise ingester.stream_memory_bytes (more: GET "
                                     "/api/v1/cardinality)"));
}

TEST_F(PushRefusalTest, CountsOnlyTheEntriesAboveTheRate) {
  const uint32_t over[] = {1};
  const auto refusal = StreamRateRefusal("team", batch_, batch_.streams[0], over, 3 << 20, 10);
  EXPECT_EQ(refusal.stream, batch_.streams[0].fingerprint);
  EXPECT_EQ(refusal.entries, 1u);
  EXPECT_EQ(refusal.bytes, 3u);
  EXPECT_TRUE(refusal.message.starts_with("entry with timestamp 2023-11-14 22:13:21 +0000 UTC"));
  EXPECT_TRUE(
      refusal.message.ends_with("user 'team', total ignored: 1 out of 2 for stream: {app=\"a\"}"));
}

TEST_F(PushRefusalTest, ListsTheEntriesAboveTheRate) {
  const uint32_t over[] = {0, 1};
  const auto refusal = StreamRateRefusal("team", batch_, batch_.streams[0], over, 3 << 20, 1);
  EXPECT_EQ(refusal.reason, "per_stream_rate_limit");
  EXPECT_EQ(refusal.message,
            "entry with timestamp 2023-11-14 22:13:20.12 +0000 UTC ignored, reason: 'Per stream "
            "rate limit exceeded (limit: 3MB/sec) while attempting to ingest for stream "
            "'{app=\"a\"}' totaling 8B, consider splitting a stream via additional labels or "
            "contact your Loki administrator to see if the limit can be increased',\n"
            "user 'team', total ignored: 2 out of 2 for stream: {app=\"a\"}");
}

TEST_F(PushRefusalTest, WithoutABoundListsThemAll) {
  const uint32_t over[] = {0, 1};
  const auto refusal = StreamRateRefusal("team", batch_, batch_.streams[0], over, 3 << 20, 0);
  EXPECT_NE(refusal.message.find("22:13:20.12 "), std::string::npos);
  EXPECT_NE(refusal.message.find("22:13:21 "), std::string::npos);
}

TEST(GoTimeTest, PrintsAsGoDoes) {
  const std::pair<int64_t, const char*> rows[] = {
      {0, "1970-01-01 00:00:00 +0000 UTC"},
      {-1, "1969-12-31 23:59:59.999999999 +0000 UTC"},
      {1'700'000'000'000'000'000, "2023-11-14 22:13:20 +0000 UTC"},
      {1'700'000'000'000'050'000, "2023-11-14 22:13:20.00005 +0000 UTC"},
  };
  for (const auto& [time, text] : rows) EXPECT_EQ(GoTime(time), text);
}

}  // namespace
}  // namespace skald::ingester
