#include "querier/tail_queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace skald::querier {
namespace {

using Lines = std::vector<std::string>;

logql::FoundEntry Entry(int64_t time_ns, std::string line, std::string_view app = "a") {
  logql::FoundEntry entry;
  entry.time_ns = time_ns;
  entry.line = std::move(line);
  entry.labels = model::Labels{{"app", app}};
  return entry;
}

Lines LinesOf(const std::optional<TailFrame>& frame) {
  Lines lines;
  for (const model::ResultStream& stream :
       frame ? frame->streams : std::vector<model::ResultStream>()) {
    for (const model::ResultEntry& entry : stream.entries) lines.push_back(entry.line);
  }
  return lines;
}

TEST(TailQueueTest, ThePastComesFirstAndThenWhatIsLive) {
  TailQueue queue({});
  queue.AddBacklog({Entry(1, "a"), Entry(2, "b")});
  queue.AddLive({Entry(3, "c")}, 3);
  EXPECT_EQ(LinesOf(queue.TakeFrame(3)), (Lines{"a", "b", "c"}));
  EXPECT_FALSE(queue.TakeFrame(3).has_value());
}

TEST(TailQueueTest, WhatIsInBothComesOnce) {
  TailQueue queue({});
  queue.AddBacklog({Entry(1, "a"), Entry(2, "b"), Entry(2, "b")});
  queue.AddLive({Entry(2, "b"), Entry(2, "b"), Entry(2, "b"), Entry(2, "b", "other")}, 3);
  EXPECT_EQ(LinesOf(queue.TakeFrame(3)), (Lines{"a", "b", "b", "b", "b"}));
}

TEST(TailQueueTest, AfterTheOverlapARepetitionIsNews) {
  TailQueue queue({});
  queue.AddBacklog({Entry(1, "a")});
  queue.EndOverlap();
  queue.AddLive({Entry(1, "a")}, 3);
  EXPECT_EQ(LinesOf(queue.TakeFrame(3)), (Lines{"a", "a"}));
}

TEST(TailQueueTest, OrdersStreamsByTimeAndKeepsTheOrderOfEqualTimes) {
  TailQueue queue({});
  queue.AddLive({Entry(1, "a1"), Entry(5, "a5"), Entry(5, "a5 again")}, 9);
  queue.AddLive({Entry(2, "b2", "b"), Entry(5, "b5", "b"), Entry(7, "b7", "b")}, 9);
  const auto frame = queue.TakeFrame(9);
  EXPECT_EQ(LinesOf(frame), (Lines{"a1", "b2", "a5", "a5 again", "b5", "b7"}));
  ASSERT_EQ(frame->streams.size(), 4u);
  EXPECT_EQ(frame->streams[2].labels.Get("app"), "a");
}

TEST(TailQueueTest, AFrameHoldsSoManyEntriesOrBytes) {
  TailQueue queue({.frame_entries = 2, .frame_bytes = 1000});
  queue.AddLive({Entry(1, "a"), Entry(2, "b"), Entry(3, "c"), Entry(4, std::string(2000, 'x')),
                 Entry(5, "e")},
                9);
  EXPECT_EQ(LinesOf(queue.TakeFrame(9)).size(), 2u);
  EXPECT_EQ(LinesOf(queue.TakeFrame(9)), Lines{"c"});
  EXPECT_EQ(LinesOf(queue.TakeFrame(9)).size(), 1u);
  EXPECT_EQ(LinesOf(queue.TakeFrame(9)), Lines{"e"});
}

TEST(TailQueueTest, EntriesWaitForOlderOnes) {
  TailQueue queue({.delay_ns = 10});
  queue.AddLive({Entry(100, "second")}, 101);
  EXPECT_FALSE(queue.TakeFrame(105).has_value());
  EXPECT_EQ(queue.NextDue(), 110);
  queue.AddLive({Entry(99, "first")}, 108);
  EXPECT_EQ(LinesOf(queue.TakeFrame(109)), Lines{"first"});
  EXPECT_EQ(LinesOf(queue.TakeFrame(110)), Lines{"second"});
  EXPECT_FALSE(queue.NextDue().has_value());
}

TEST(TailQueueTest, AnEntryAheadOfTheClockWaitsNoLonger) {
  TailQueue queue({.delay_ns = 10});
  queue.AddLive({Entry(1'000'000, "ahead")}, 100);
  EXPECT_EQ(LinesOf(queue.TakeFrame(110)), Lines{"ahead"});
}

TEST(TailQueueTest, WhatAClientIsTooSlowForIsToldWithTheNextFrame) {
  TailQueue queue({.max_bytes = 1, .max_dropped = 3});
  queue.AddLive({Entry(1, "a"), Entry(2, "b")}, 9);
  queue.AddLive({Entry(3, "c"), Entry(4, "d")}, 9);
  queue.AddDropped({{.time_ns = 5, .labels = std::make_shared<const model::Labels>()},
                    {.time_ns = 6, .labels = std::make_shared<const model::Labels>()}});
  const auto frame = queue.TakeFrame(9);
  EXPECT_EQ(LinesOf(frame), (Lines{"a", "b"}));
  ASSERT_EQ(frame->dropped.size(), 3u);
  EXPECT_EQ(frame->dropped[0].time_ns, 3);
  EXPECT_EQ(frame->dropped[0].labels->Get("app"), "a");
  EXPECT_EQ(frame->dropped[2].time_ns, 5);
  queue.AddLive({Entry(7, "e")}, 9);
  const auto next = queue.TakeFrame(9);
  EXPECT_EQ(LinesOf(next), Lines{"e"});
  EXPECT_TRUE(next->dropped.empty());
}

TEST(TailQueueTest, WhatWasDroppedIsToldEvenWhereNothingElseComes) {
  TailQueue queue({});
  queue.AddDropped({{.time_ns = 5, .labels = std::make_shared<const model::Labels>()}});
  const auto frame = queue.TakeFrame(9);
  ASSERT_TRUE(frame.has_value());
  EXPECT_EQ(frame->dropped.size(), 1u);
}

}  // namespace
}  // namespace skald::querier
