#include "logql/plan/shards.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

namespace skald::logql {
namespace {

using model::ScanSpan;
using model::TimeRange;

// A scan that only tells what it is put together of.
class SpansScan final : public model::StreamScan {
 public:
  explicit SpansScan(std::vector<ScanSpan> spans) : spans_(std::move(spans)) {}

  const std::shared_ptr<const model::Labels>& labels() const override { return labels_; }
  int64_t first_ns() const override { return spans_.front().first_ns; }
  int64_t last_ns() const override { return spans_.back().last_ns; }
  uint64_t estimated_bytes() const override {
    uint64_t bytes = 0;
    for (const ScanSpan& span : spans_) bytes += span.line_bytes;
    return bytes;
  }
  std::vector<ScanSpan> Spans() const override { return spans_; }
  std::unique_ptr<model::BatchSource> OpenPart(TimeRange) override { return nullptr; }

 private:
  const std::vector<ScanSpan> spans_;
  const std::shared_ptr<const model::Labels> labels_ = std::make_shared<const model::Labels>();
};

void Add(std::vector<ScanSpan> spans, model::StreamScans& scans) {
  scans.push_back(std::make_unique<SpansScan>(std::move(spans)));
}

// Spans of 10 ns and `bytes`, one behind the other.
std::vector<ScanSpan> Row(int64_t count, uint64_t bytes) {
  std::vector<ScanSpan> spans;
  for (int64_t i = 0; i < count; ++i) {
    spans.push_back({.first_ns = 10 * i, .last_ns = 10 * i + 9, .line_bytes = bytes});
  }
  return spans;
}

// Where shards begin that are not the first of their scan.
std::vector<int64_t> CutsOf(const std::vector<Shard>& shards) {
  std::vector<int64_t> cuts;
  for (size_t i = 1; i < shards.size(); ++i) {
    if (shards[i].scan != shards[i - 1].scan) continue;
    EXPECT_EQ(shards[i].part.start, shards[i - 1].part.end);
    cuts.push_back(shards[i].part.start);
  }
  EXPECT_EQ(shards.front().part.start, TimeRange::All().start);
  EXPECT_EQ(shards.back().part.end, TimeRange::All().end);
  return cuts;
}

TEST(ShardsTest, CutsALargeStreamIntoMoreShardsThanThereAreThreads) {
  model::StreamScans scans;
  Add(Row(64, 100), scans);
  const std::vector<Shard> shards = CutIntoShards(scans, 2, 1);
  EXPECT_EQ(shards.size(), 32u);
  for (const int64_t cut : CutsOf(shards)) EXPECT_EQ(cut % 10, 0);
  for (const Shard& shard : shards) EXPECT_EQ(shard.line_bytes, 200u);
  EXPECT_EQ(shards[1].FirstNs(*scans[0]), 20);
  EXPECT_EQ(shards[1].LastNs(*scans[0]), 39);
  EXPECT_EQ(shards[31].LastNs(*scans[0]), 639);
}

TEST(ShardsTest, ManyStreamsOfOneSizeAreReadAsTheyAre) {
  model::StreamScans scans;
  for (int i = 0; i < 200; ++i) Add(Row(8, 1000), scans);
  for (const size_t threads : {1, 2, 16}) {
    const std::vector<Shard> shards = CutIntoShards(scans, threads, 1);
    ASSERT_EQ(shards.size(), 200u);
    EXPECT_EQ(shards[7].scan, 7u);
    EXPECT_EQ(shards[7].part, TimeRange::All());
    EXPECT_EQ(shards[7].line_bytes, 8000u);
  }
}

TEST(ShardsTest, OfManyStreamsOnlyALargeOneIsCut) {
  model::StreamScans scans;
  Add(Row(5, 10), scans);
  Add(Row(50, 1000), scans);
  Add(Row(5, 10), scans);
  const std::vector<Shard> shards = CutIntoShards(scans, 4, 1);
  EXPECT_GT(shards.size(), 30u);
  EXPECT_EQ(shards.front().part, TimeRange::All());
  EXPECT_EQ(shards.back().part, TimeRange::All());
  EXPECT_EQ(shards.back().scan, 2u);
}

TEST(ShardsTest, OneThreadGetsStreamsWhole) {
  model::StreamScans scans;
  Add(Row(50, 1000), scans);
  EXPECT_EQ(CutIntoShards(scans, 1, 1).size(), 1u);
}

TEST(ShardsTest, ShardsHaveTheLeastBytesOrMore) {
  model::StreamScans scans;
  Add(Row(10, 100), scans);
  const std::vector<Shard> shards = CutIntoShards(scans, 8, 300);
  EXPECT_EQ(CutsOf(shards), (std::vector<int64_t>{30, 60, 90}));
  EXPECT_EQ(CutIntoShards(scans, 8, 1000).size(), 1u);
}

TEST(ShardsTest, CutsWhereSpansDoNotOverlapIfThereIsSuchAPlace) {
  model::StreamScans scans;
  Add({{.first_ns = 0, .last_ns = 12, .line_bytes = 100},
       {.first_ns = 10, .last_ns = 19, .line_bytes = 100},  // Overlaps with the first.
       {.first_ns = 20, .last_ns = 29, .line_bytes = 100}},
      scans);
  EXPECT_EQ(CutsOf(CutIntoShards(scans, 2, 100)), (std::vector<int64_t>{20}));
}

TEST(ShardsTest, CutsOverlappingSpansWhereThereIsNoOtherPlaceForLong) {
  model::StreamScans scans;
  std::vector<ScanSpan> spans = Row(6, 100);
  for (ScanSpan& span : spans) span.last_ns += 3;
  Add(std::move(spans), scans);
  EXPECT_EQ(CutsOf(CutIntoShards(scans, 2, 100)), (std::vector<int64_t>{20, 40}));
}

TEST(ShardsTest, EntriesOfOneTimeAreInOneShard) {
  model::StreamScans scans;
  Add({{.first_ns = 5, .last_ns = 5, .line_bytes = 100},
       {.first_ns = 5, .last_ns = 5, .line_bytes = 100},
       {.first_ns = 5, .last_ns = 5, .line_bytes = 100},
       {.first_ns = 6, .last_ns = 6, .line_bytes = 100}},
      scans);
  EXPECT_EQ(CutsOf(CutIntoShards(scans, 2, 1)), (std::vector<int64_t>{6}));
}

TEST(ShardsTest, AScanThatDoesNotTellItsSpansIsNotCut) {
  model::StreamScans scans;
  Add({{.first_ns = 0, .last_ns = 99, .line_bytes = 10'000}}, scans);
  EXPECT_EQ(CutIntoShards(scans, 8, 1).size(), 1u);
}

TEST(ShardsTest, NothingGivesNoShards) { EXPECT_TRUE(CutIntoShards({}, 4, 1).empty()); }

}  // namespace
}  // namespace skald::logql
