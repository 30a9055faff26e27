#include "distributor/time_shards.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/time_units.h"

namespace skald::distributor {
namespace {

using test::kHour;
using test::kSecond;
using testing::ElementsAre;

constexpr int64_t kIntoAnHour = 1'700'003'000 * kSecond;  // 200 seconds into an hour.

class TimeShardsTest : public testing::Test {
 protected:
  TimeShardsTest() {
    profile_.labels = std::make_shared<const model::Labels>(model::Labels{{"app", "a"}});
    profile_.fingerprint = profile_.labels->Hash();
    profile_.time_sharded = true;
    profile_.time_sharded_age = std::chrono::minutes(40);
  }

  using Entry = std::pair<int64_t, std::string>;  // How many seconds ago, and the line.

  // What one stream of those entries is stored as: "{labels} lines bytes" for each stream.
  std::vector<std::string> Push(const std::vector<Entry>& entries) {
    model::PushBatch batch;
    std::vector<ShardingInput> inputs = {{.profile = &profile_}};
    for (const auto& [ago, line] : entries) {
      batch.entries.push_back({.time_ns = kIntoAnHour - ago * kSecond, .line = line});
      inputs[0].bytes += line.size();
    }
    batch.streams.push_back({.labels = profile_.labels,
                             .fingerprint = profile_.fingerprint,
                             .entry_count = static_cast<uint32_t>(entries.size())});
    ShardByTime(kIntoAnHour, kHour, inputs, batch);
    EXPECT_EQ(inputs.size(), batch.streams.size());
    std::vector<std::string> stored;
    for (size_t i = 0; i < batch.streams.size(); ++i) {
      const model::PushStream& stream = batch.streams[i];
      EXPECT_EQ(stream.fingerprint, stream.labels->Hash());
      std::string text = stream.labels->ToString();
      for (uint32_t e = 0; e < stream.entry_count; ++e) {
        text.append(" ").append(batch.entries[stream.entry_begin + e].line);
      }
      stored.push_back(text + " " + std::to_string(inputs[i].bytes));
    }
    return stored;
  }

  StreamProfile profile_;
};

TEST_F(TimeShardsTest, RecentEntriesKeepTheirLabels) {
  EXPECT_THAT(Push({{0, "now"}, {-60, "soon"}, {40 * 60, "just"}}),
              ElementsAre(R"({app="a"} now soon just 11)"));
}

TEST_F(TimeShardsTest, OldEntriesAreLabelledByTheHourTheyAreOf) {
  EXPECT_THAT(Push({{40 * 60 + 1, "old"}}),
              ElementsAre(R"({__time_shard__="1699999200_1700002800", app="a"} old 3)"));
}

TEST_F(TimeShardsTest, AStreamBecomesOneForEachHourAndOneForTheRest) {
  EXPECT_THAT(Push({{0, "n1"}, {7200, "x1"}, {3600, "h1"}, {0, "n2"}, {3601, "h2"}, {7201, "x2"}}),
              ElementsAre(R"({__time_shard__="1699995600_1699999200", app="a"} x1 x2 4)",
                          R"({__time_shard__="1699999200_1700002800", app="a"} h1 h2 4)",
                          R"({app="a"} n1 n2 4)"));
}

TEST_F(TimeShardsTest, TimesBeforeTheEpochHaveTheirHoursToo) {
  EXPECT_THAT(Push({{kIntoAnHour / kSecond + 1, "x"}}),
              ElementsAre(R"({__time_shard__="-3600_0", app="a"} x 1)"));
}

TEST_F(TimeShardsTest, WhereItIsNotAskedForNothingChanges) {
  profile_.time_sharded = false;
  EXPECT_THAT(Push({{0, "new"}, {86400, "old"}}), ElementsAre(R"({app="a"} new old 6)"));
}

}  // namespace
}  // namespace skald::distributor
