#include "distributor/push_sharding.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

#include "support/time_units.h"

namespace skald::distributor {
namespace {

using test::kSecond;

class PushShardingTest : public testing::Test {
 protected:
  PushShardingTest() {
    profile_.labels = std::make_shared<const model::Labels>(model::Labels{{"app", "a"}});
    profile_.fingerprint = profile_.labels->Hash();
    profile_.shards = std::make_unique<StreamShards>(profile_.labels);
    profile_.shard_rate = 1000;
  }

  // The labels that a push of `bytes`, whose one entry has that time, is stored under.
  std::string Push(uint64_t bytes, int64_t time_ns) {
    model::PushBatch batch;
    batch.entries.push_back({.time_ns = time_ns, .line = "line"});
    batch.streams.push_back(
        {.labels = profile_.labels, .fingerprint = profile_.fingerprint, .entry_count = 1});
    const ShardingInput input = {.profile = &profile_, .bytes = bytes};
    ShardStreams("team", now_ns_ += kSecond, {&input, 1}, batch);
    EXPECT_EQ(batch.streams[0].fingerprint, batch.streams[0].labels->Hash());
    return batch.streams[0].labels->ToString();
  }

  StreamProfile profile_;
  int64_t now_ns_ = 0;
};

TEST_F(PushShardingTest, AHotStreamIsSpreadOverItsShards) {
  std::set<std::string> labels;
  for (int i = 0; i < 100; ++i) labels.insert(Push(3500, i));
  EXPECT_EQ(labels, (std::set<std::string>{R"({app="a"})", R"({__stream_shard__="0", app="a"})",
                                           R"({__stream_shard__="1", app="a"})",
                                           R"({__stream_shard__="2", app="a"})",
                                           R"({__stream_shard__="3", app="a"})"}));
}

TEST_F(PushShardingTest, APushThatIsSentTwiceGoesToOneShard) {
  for (int i = 0; i < 50; ++i) Push(3500, i);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(Push(3500, 7), Push(3500, 7));
}

TEST_F(PushShardingTest, AColdStreamKeepsItsLabels) {
  for (int i = 0; i < 50; ++i) EXPECT_EQ(Push(100, i), R"({app="a"})");
}

TEST_F(PushShardingTest, AStreamThatIsNotToBeSplitKeepsItsLabels) {
  profile_.shards = nullptr;
  for (int i = 0; i < 50; ++i) EXPECT_EQ(Push(1'000'000, i), R"({app="a"})");
}

}  // namespace
}  // namespace skald::distributor
