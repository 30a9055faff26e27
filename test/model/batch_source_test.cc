#include "model/batch_source.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "support/fake_scan.h"
#include "support/matchers.h"

namespace skald::model {
namespace {

using test::FakeScan;
using test::IsOk;

std::unique_ptr<StreamScan> Scan(std::string_view app, int64_t time) {
  EntryBlockBuilder builder;
  builder.Append(time, static_cast<uint64_t>(time), "line", {});
  return std::make_unique<FakeScan>(
      std::make_shared<const Labels>(Labels{{"app", app}}), Direction::kForward,
      std::vector{std::make_shared<const EntryBlock>(builder.Finish())});
}

template <typename... Scans>
StreamScans List(Scans... scans) {
  StreamScans list;
  (list.push_back(std::move(scans)), ...);
  return list;
}

TEST(MergeScansTest, UnitesByStreamInOrderOfLabels) {
  std::vector<StreamScans> parts;
  parts.push_back(List(Scan("c", 1), Scan("a", 2)));
  parts.push_back(List(Scan("a", 5), Scan("b", 3), Scan("a", 9)));
  ScanStats stats;
  const StreamScans merged = MergeScans(std::move(parts), Direction::kForward, stats);
  ASSERT_EQ(merged.size(), 3u);
  EXPECT_EQ(merged[0]->labels()->Get("app"), "a");
  EXPECT_EQ(merged[1]->labels()->Get("app"), "b");
  EXPECT_EQ(merged[2]->labels()->Get("app"), "c");
  EXPECT_EQ(merged[0]->first_ns(), 2);
  EXPECT_EQ(merged[0]->last_ns(), 9);
  EXPECT_EQ(merged[0]->estimated_bytes(), 15u);
  const auto source = merged[0]->Open();
  for (const int64_t time : {2, 5, 9}) {
    auto batch = source->Next();
    ASSERT_THAT(batch, IsOk());
    EXPECT_EQ((*batch)->block->times[(*batch)->selection[0]], time);
  }
  EXPECT_EQ(*source->Next(), nullptr);
}

TEST(MergeScansTest, APartHasWhatAllScansHaveInIt) {
  for (const Direction direction : {Direction::kForward, Direction::kBackward}) {
    std::vector<StreamScans> parts;
    parts.push_back(List(Scan("a", 1), Scan("a", 3), Scan("a", 5)));
    parts.push_back(List(Scan("a", 2), Scan("a", 3), Scan("a", 4)));
    ScanStats stats;
    const StreamScans merged = MergeScans(std::move(parts), direction, stats);
    ASSERT_EQ(merged.size(), 1u);
    EXPECT_EQ(merged[0]->Spans().size(), 6u);
    const auto late = merged[0]->OpenPart({3, 100});
    const auto early = merged[0]->OpenPart({TimeRange::All().start, 3});
    std::vector<int64_t> times;
    for (const auto& source : {early.get(), late.get()}) {
      std::vector<int64_t> of_part;
      for (auto batch = *source->Next(); batch != nullptr; batch = *source->Next()) {
        for (const uint32_t row : batch->selection) of_part.push_back(batch->block->times[row]);
      }
      if (direction == Direction::kBackward) std::reverse(of_part.begin(), of_part.end());
      times.insert(times.end(), of_part.begin(), of_part.end());
    }
    EXPECT_EQ(times, (std::vector<int64_t>{1, 2, 3, 4, 5}));
    EXPECT_EQ(stats.duplicates, 1u);
  }
}

TEST(MergeScansTest, NothingMergesToNothing) {
  ScanStats stats;
  EXPECT_TRUE(MergeScans({}, Direction::kForward, stats).empty());
  EXPECT_TRUE(MergeScans(std::vector<StreamScans>(3), Direction::kForward, stats).empty());
}

TEST(WarningsTest, KeepsEqualTextsOnce) {
  Warnings warnings;
  warnings.Add("a");
  warnings.Add("b");
  warnings.Add("a");
  EXPECT_EQ(warnings.Take(), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(warnings.Take().empty());
}

}  // namespace
}  // namespace skald::model
