#include "querier/cardinality.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace skald::querier {
namespace {

rpc::StreamSize Stream(const model::Labels& labels, uint64_t entries, uint64_t bytes) {
  return {
      .labels = std::make_shared<const model::Labels>(labels), .entries = entries, .bytes = bytes};
}

std::vector<rpc::StreamSize> Streams() {
  return {Stream({{"app", "a"}, {"pod", "1"}}, 5, 100),
          Stream({{"app", "a"}, {"pod", "2"}}, 1, 300),
          Stream({{"app", "b"}, {"zone", "z"}}, 9, 50)};
}

TEST(CardinalityTest, CountsWhatIsThere) {
  const Cardinality all = CountLabelsOf(Streams(), 10);
  EXPECT_EQ(all.total.streams, 3u);
  EXPECT_EQ(all.total.entries, 15u);
  EXPECT_EQ(all.total.bytes, 450u);
  EXPECT_EQ(all.names, 3u);
  EXPECT_EQ(all.values, 5u);
}

TEST(CardinalityTest, RanksNamesByValuesAndByBytes) {
  const Cardinality all = CountLabelsOf(Streams(), 10);
  ASSERT_EQ(all.names_by_values.size(), 3u);
  EXPECT_EQ(all.names_by_values[0].name, "app");  // As many values as pod, and before it by name.
  EXPECT_EQ(all.names_by_values[1].name, "pod");
  EXPECT_EQ(all.names_by_values[1].values, 2u);
  EXPECT_EQ(all.names_by_values[1].amount.streams, 2u);
  EXPECT_EQ(all.names_by_bytes[0].name, "app");
  EXPECT_EQ(all.names_by_bytes[0].amount.bytes, 450u);
  EXPECT_EQ(all.names_by_bytes[1].name, "pod");
}

TEST(CardinalityTest, RanksValuesAndStreams) {
  const Cardinality all = CountLabelsOf(Streams(), 10);
  EXPECT_EQ(all.values_by_streams[0].value, "a");
  EXPECT_EQ(all.values_by_streams[0].amount.streams, 2u);
  EXPECT_EQ(all.values_by_bytes[0].value, "a");
  EXPECT_EQ(all.values_by_bytes[1].value, "2");
  EXPECT_EQ(all.streams_by_entries[0].entries, 9u);
  EXPECT_EQ(all.streams_by_bytes[0].bytes, 300u);
}

TEST(CardinalityTest, ShowsNoMoreRowsThanAskedFor) {
  const Cardinality all = CountLabelsOf(Streams(), 1);
  EXPECT_EQ(all.names_by_values.size(), 1u);
  EXPECT_EQ(all.values_by_bytes.size(), 1u);
  EXPECT_EQ(all.streams_by_entries.size(), 1u);
  EXPECT_EQ(all.values, 5u);
  EXPECT_TRUE(CountLabelsOf({}, 5).names_by_values.empty());
}

TEST(CardinalityTest, MergesStreamsThatTwoSourcesHave) {
  std::vector<rpc::StreamSize> all = {Stream({{"app", "a"}}, 1, 10), Stream({{"app", "c"}}, 1, 10)};
  MergeSizes({Stream({{"app", "a"}}, 2, 5), Stream({{"app", "b"}}, 3, 3)}, all,
             [](rpc::StreamSize& size, const rpc::StreamSize& other) {
               size.entries += other.entries;
               size.bytes += other.bytes;
             });
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].entries, 3u);
  EXPECT_EQ(all[0].bytes, 15u);
  EXPECT_EQ(all[1].labels->Get("app"), "b");
}

}  // namespace
}  // namespace skald::querier
