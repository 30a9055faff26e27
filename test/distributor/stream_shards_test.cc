#include "distributor/stream_shards.h"

#include <gtest/gtest.h>

#include <chrono>

#include "support/time_units.h"

namespace skald::distributor {
namespace {

using test::kSecond;

constexpr uint64_t kRate = 1000;

class StreamShardsTest : public testing::Test {
 protected:
  // Pushes `bytes` a second for so long, and returns what the last push needed.
  size_t PushFor(int seconds, uint64_t bytes) {
    size_t count = 0;
    for (int i = 0; i < 10 * seconds; ++i) {
      now_ns_ += kSecond / 10;
      count = shards_.Count(bytes / 10, kRate, now_ns_);
    }
    return count;
  }

  int64_t now_ns_ = 0;
  StreamShards shards_{std::make_shared<const model::Labels>(model::Labels{{"app", "a"}})};
};

TEST_F(StreamShardsTest, AStreamBelowTheRateStaysWhole) { EXPECT_EQ(PushFor(60, 900), 1u); }

TEST_F(StreamShardsTest, AStreamAboveTheRateIsSplitSoThatNoShardIs) {
  EXPECT_EQ(PushFor(60, 3500), 4u);
}

TEST_F(StreamShardsTest, OneLargePushIsNoReasonToSplit) {
  EXPECT_EQ(shards_.Count(4 * kRate, kRate, kSecond), 1u);
}

TEST_F(StreamShardsTest, AStreamThatCalmsDownIsWholeAgain) {
  PushFor(60, 10'000);
  now_ns_ += 60 * kSecond;
  EXPECT_EQ(PushFor(1, 100), 1u);
}

TEST_F(StreamShardsTest, ThereAreNeverMoreThanTheBound) {
  EXPECT_EQ(PushFor(60, 1'000'000), StreamShards::kMaxShards);
}

TEST_F(StreamShardsTest, AClockThatStandsStillDoesNoHarm) {
  EXPECT_EQ(shards_.Count(kRate, kRate, 5 * kSecond), 1u);
  EXPECT_EQ(shards_.Count(kRate, kRate, 4 * kSecond), 1u);
}

TEST_F(StreamShardsTest, AShardHasTheStreamsLabelsAndItsNumber) {
  EXPECT_EQ(shards_.Get(2).labels->ToString(), R"({__stream_shard__="2", app="a"})");
  EXPECT_EQ(shards_.Get(2).fingerprint, shards_.Get(2).labels->Hash());
  EXPECT_EQ(shards_.Get(2).labels, shards_.Get(2).labels);
}

}  // namespace
}  // namespace skald::distributor
