#include "ingester/tailer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "ingester/ingester_fixture.h"
#include "ingester/push_batches.h"

namespace skald::ingester {
namespace {

using model::Labels;
using test::HasCode;
using test::IsOk;

model::Matchers App(std::string_view value) {
  return {*model::Matcher::Make(model::MatchOp::kEqual, "app", value)};
}

class TailerTest : public IngesterFixture {
 protected:
  void SetUp() override { Open(); }

  std::unique_ptr<rpc::TailFeed> Follow(std::string_view app, size_t max_bytes = 1 << 20) {
    rpc::TailRequest request;
    request.tenant = tenant_;
    request.matchers = App(app);
    request.max_bytes = max_bytes;
    request.max_dropped = 3;
    request.ready = [this] { ++woken_; };
    auto feed = ingester_->Tail(std::move(request));
    EXPECT_THAT(feed, IsOk());
    return feed.ok() ? *std::move(feed) : nullptr;
  }

  static std::vector<std::string> LinesOf(const rpc::TailFeed::Taken& taken) {
    std::vector<std::string> lines;
    for (const auto& batch : taken.batches) {
      for (const uint32_t row : batch->selection) lines.emplace_back(batch->block->lines[row]);
    }
    return lines;
  }

  std::atomic<int> woken_ = 0;
};

using Lines = std::vector<std::string>;

TEST_F(TailerTest, AFollowerGetsWhatMatchesFromThenOn) {
  ASSERT_THAT(Push({{Labels{{"app", "a"}}, {{1, "before"}}}}), IsOk());
  const auto feed = Follow("a");
  ASSERT_THAT(Push({{Labels{{"app", "a"}}, {{2, "old stream", {{"trace", "t"}}}}},
                    {Labels{{"app", "a"}, {"pod", "p"}}, {{3, "new stream"}}},
                    {Labels{{"app", "b"}}, {{4, "other"}}}}),
              IsOk());
  const auto taken = feed->Take();
  EXPECT_EQ(LinesOf(taken), (Lines{"old stream", "new stream"}));
  EXPECT_EQ(taken.streams, 2u);
  ASSERT_EQ(taken.batches.size(), 2u);
  ASSERT_EQ(taken.batches[0]->block->metadata.size(), 1u);
  EXPECT_EQ(taken.batches[0]->stream->Get("app"), "a");
  EXPECT_TRUE(feed->Take().batches.empty());
}

TEST_F(TailerTest, AnotherTenantsFollowerGetsNothing) {
  const auto feed = Follow("a");
  ASSERT_THAT(ingester_->Push(model::TenantId("other"),
                              MakeBatch({{Labels{{"app", "a"}}, {{1, "theirs"}}}})),
              IsOk());
  EXPECT_TRUE(feed->Take().batches.empty());
}

TEST_F(TailerTest, ADroppedRepetitionIsNotFollowed) {
  const auto feed = Follow("a");
  ASSERT_THAT(Push({{Labels{{"app", "a"}}, {{1, "once"}}}}), IsOk());
  ASSERT_THAT(Push({{Labels{{"app", "a"}}, {{1, "once"}}}}), IsOk());
  EXPECT_EQ(LinesOf(feed->Take()), Lines{"once"});
}

TEST_F(TailerTest, FollowersShareOneBatch) {
  const auto first = Follow("a");
  const auto second = Follow("a");
  ASSERT_THAT(Push({{Labels{{"app", "a"}}, {{1, "x"}}}}), IsOk());
  EXPECT_EQ(first->Take().batches.at(0), second->Take().batches.at(0));
}

TEST_F(TailerTest, WakesOnceUntilItIsTakenFrom) {
  const auto feed = Follow("a");
  ASSERT_THAT(Push({{Labels{{"app", "a"}}, {{1, "x"}}}}), IsOk());
  ASSERT_THAT(Push({{Labels{{"app", "a"}}, {{2, "y"}}}}), IsOk());
  EXPECT_EQ(woken_, 1);
  (void)feed->Take();
  ASSERT_THAT(Push({{Labels{{"app", "a"}}, {{3, "z"}}}}), IsOk());
  EXPECT_EQ(woken_, 2);
}

TEST_F(TailerTest, WhoDoesNotKeepUpIsToldWhatWasDropped) {
  const auto feed = Follow("a", /*max_bytes=*/1);
  for (int i = 0; i < 6; ++i) {
    ASSERT_THAT(Push({{Labels{{"app", "a"}}, {{i, "line"}}}}), IsOk());
  }
  const auto taken = feed->Take();
  EXPECT_EQ(taken.batches.size(), 1u);
  ASSERT_EQ(taken.dropped.size(), 3u);  // As many as it wants to hear of.
  EXPECT_EQ(taken.dropped[0].time_ns, 1);
  EXPECT_EQ(taken.dropped[0].labels->Get("app"), "a");
  ASSERT_THAT(Push({{Labels{{"app", "a"}}, {{9, "line"}}}}), IsOk());
  EXPECT_EQ(feed->Take().batches.size(), 1u);
}

TEST_F(TailerTest, WhatWasDroppedIsToldOfAFewStreams) {
  options_.max_dropped_streams = 1;
  Open();
  const auto feed = Follow("a", /*max_bytes=*/1);
  for (const char* pod : {"taken", "told", "untold"}) {
    ASSERT_THAT(Push({{Labels{{"app", "a"}, {"pod", pod}}, {{1, "line"}}}}), IsOk());
  }
  const auto taken = feed->Take();
  ASSERT_EQ(taken.dropped.size(), 1u);
  EXPECT_EQ(taken.dropped[0].labels->Get("pod"), "told");
}

TEST_F(TailerTest, NothingIsKeptForWhoHasGone) {
  auto feed = Follow("a");
  ASSERT_THAT(Push({{Labels{{"app", "a"}}, {{1, "x"}}}}), IsOk());
  feed.reset();
  const auto next = Follow("a");
  ASSERT_THAT(Push({{Labels{{"app", "a"}}, {{2, "y"}}}}), IsOk());
  EXPECT_EQ(LinesOf(next->Take()), Lines{"y"});
  EXPECT_EQ(woken_, 2);
}

TEST_F(TailerTest, AStopEndsFeeds) {
  const auto feed = Follow("a");
  EXPECT_FALSE(feed->Take().ended);
  ASSERT_THAT(ingester_->Stop(), IsOk());
  EXPECT_EQ(woken_, 1);
  EXPECT_TRUE(feed->Take().ended);
  EXPECT_TRUE(feed->Take().ended);
  EXPECT_THAT(ingester_->Tail({}), HasCode(StatusCode::kUnavailable));
}

// Whoever subscribes first and reads memory second misses nothing, whenever pushes come.
TEST_F(TailerTest, MemoryAndFeedTogetherHaveEverythingInOrder) {
  constexpr int kEntries = 2000;
  std::thread pusher([this] {
    for (int i = 0; i < kEntries; ++i) {
      ASSERT_THAT(Push({{Labels{{"app", "a"}}, {{i, std::to_string(i)}}}}), IsOk());
    }
  });
  std::vector<std::unique_ptr<rpc::TailFeed>> feeds;
  std::vector<size_t> in_memory;
  for (int i = 0; i < 20; ++i) {
    feeds.push_back(Follow("a", size_t{64} << 20));
    const EntriesByStream read = ReadAll();
    in_memory.push_back(read.empty() ? 0 : read.begin()->second.size());
  }
  pusher.join();
  for (size_t i = 0; i < feeds.size(); ++i) {
    const Lines lines = LinesOf(feeds[i]->Take());
    if (in_memory[i] == kEntries && lines.empty()) continue;
    ASSERT_FALSE(lines.empty());
    const int first = std::stoi(lines.front());
    EXPECT_LE(first, static_cast<int>(in_memory[i]));
    EXPECT_EQ(lines.size(), static_cast<size_t>(kEntries - first));
    for (size_t k = 0; k < lines.size(); ++k) {
      ASSERT_EQ(lines[k], std::to_string(first + static_cast<int>(k)));
    }
  }
}

}  // namespace
}  // namespace skald::ingester
