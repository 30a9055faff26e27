#include "querier/stream_volume.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "support/fake_scan.h"
#include "support/matchers.h"

namespace skald::querier {
namespace {

using model::Labels;
using test::HasCode;
using test::IsOk;

std::string Describe(const std::vector<StreamVolume>& volumes) {
  std::string text;
  for (const StreamVolume& volume : volumes) {
    text += volume.labels.ToString();
    for (const VolumePart& part : volume.parts) {
      text += ' ' + std::to_string(part.range) + ':' + std::to_string(part.bytes);
    }
    text += '\n';
  }
  return text;
}

std::unique_ptr<model::StreamScan> Scan(const Labels& labels, const std::vector<int64_t>& times) {
  model::EntryBlockBuilder builder;
  for (const int64_t time : times) {
    builder.Append(time, 0, "12345", {});
  }
  return std::make_unique<test::FakeScan>(
      std::make_shared<const Labels>(labels), model::Direction::kForward,
      std::vector{std::make_shared<const model::EntryBlock>(builder.Finish())});
}

TEST(StreamVolume, SumsOfTwoPlaces) {
  std::vector<StreamVolume> all = {{.labels = {{"a", "1"}}, .parts = {{0, 10}, {2, 5}}},
                                   {.labels = {{"a", "3"}}, .parts = {{1, 1}}}};
  AddVolumes({{.labels = {{"a", "1"}}, .parts = {{1, 7}, {2, 5}}},
              {.labels = {{"a", "2"}}, .parts = {{0, 2}}}},
             all);
  EXPECT_EQ(Describe(all), "{a=\"1\"} 0:10 1:7 2:10\n{a=\"2\"} 0:2\n{a=\"3\"} 1:1\n");
}

TEST(StreamVolume, MeasuresLinesByTheirTimes) {
  model::StreamScans scans;
  scans.push_back(Scan({{"a", "1"}}, {1, 9, 10, 25, 31}));
  scans.push_back(Scan({{"a", "2"}}, {31}));
  const std::vector<model::TimeRange> ranges = {{0, 10}, {10, 20}, {20, 30}};
  const auto volumes = MeasureVolumes(scans, ranges, model::ScanContext());
  ASSERT_THAT(volumes, IsOk());
  EXPECT_EQ(Describe(*volumes), "{a=\"1\"} 0:10 1:5 2:5\n");
}

TEST(StreamVolume, StructuredMetadataCounts) {
  model::EntryBlockBuilder builder;
  const std::vector<model::MetadataPair> metadata = {{"node", "n1"}, {"zone", "z"}};
  builder.Append(1, 0, "12345", metadata);
  builder.Append(2, 1, "123", {});
  builder.Append(11, 2, "1", metadata);
  model::StreamScans scans;
  scans.push_back(std::make_unique<test::FakeScan>(
      std::make_shared<const Labels>(Labels{{"a", "1"}}), model::Direction::kForward,
      std::vector{std::make_shared<const model::EntryBlock>(builder.Finish())}));
  const std::vector<model::TimeRange> ranges = {{0, 10}, {10, 20}};  // Texts are in the first.
  EXPECT_EQ(Describe(*MeasureVolumes(scans, ranges, model::ScanContext())),
            "{a=\"1\"} 0:35 1:17\n");
}

TEST(StreamVolume, EndsWhenCancelled) {
  model::StreamScans scans;
  scans.push_back(Scan({{"a", "1"}}, {1}));
  model::ScanContext context;
  context.cancel.Cancel();
  const std::vector<model::TimeRange> ranges = {{0, 10}};
  EXPECT_THAT(MeasureVolumes(scans, ranges, context), HasCode(StatusCode::kCancelled));
}

}  // namespace
}  // namespace skald::querier
