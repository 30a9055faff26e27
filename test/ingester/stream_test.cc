#include "ingester/stream.h"

#include <gtest/gtest.h>

#include "push_batches.h"
#include "support/manual_clock.h"
#include "support/matchers.h"

namespace skald::ingester {
namespace {

const model::Labels kLabels = {{"app", "a"}};

class StreamTest : public testing::Test {
 protected:
  StreamTest() {
    options_.chunk_block_size = 100;
    limits_.rate = 0;
  }

  StreamPush Push(const std::vector<TestEntry>& entries) {
    const model::PushBatch batch = MakeBatch({{kLabels, entries}});
    return stream_.Push(batch, batch.streams[0], limits_, scratch_);
  }
  void PushParts(int parts) {
    for (int i = 0; i < parts; ++i) Push({{++time_, std::string(90, 'x')}});
  }

  IngesterOptions options_;
  test::ManualClock clock_;
  StreamContext context_{options_, clock_, nullptr};
  const TenantMetrics metrics_{"stream_test"};
  StreamLimits limits_;
  PushScratch scratch_;
  chunkstore::BlockSealer sealer_{{}};
  int64_t time_ = 0;
  const std::string tenant_ = "stream_test";
  StreamTimes times_;
  Stream stream_{tenant_,        std::make_shared<const model::Labels>(kLabels),
                 kLabels.Hash(), context_,
                 metrics_,       times_};
};

TEST_F(StreamTest, CutsPartsAtTheBlockSize) {
  EXPECT_FALSE(Push({{1, std::string(60, 'x')}}).sealable);
  EXPECT_TRUE(Push({{2, std::string(60, 'x')}}).sealable);
  EXPECT_FALSE(Push({{3, std::string(30, 'x')}}).sealable);
  const auto parts = stream_.Parts(model::TimeRange::All());
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].entries, 1u);
  EXPECT_EQ(parts[1].entries, 2u);
  EXPECT_EQ(parts[1].last_seq, 3u);
}

TEST_F(StreamTest, SplitsAPushThatIsLargerThanAPart) {
  std::vector<TestEntry> entries;
  for (int i = 0; i < 10; ++i) entries.push_back({i, std::string(40, 'x') + std::to_string(i)});
  EXPECT_TRUE(Push(entries).sealable);
  EXPECT_EQ(stream_.Parts(model::TimeRange::All()).size(), 5u);
}

TEST_F(StreamTest, CompressesFullParts) {
  PushParts(3);
  const int64_t raw = context_.memory_bytes;
  stream_.Seal(sealer_);
  const auto parts = stream_.Parts(model::TimeRange::All());
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_NE(parts[0].sealed, nullptr);
  EXPECT_NE(parts[1].sealed, nullptr);
  EXPECT_EQ(parts[2].sealed, nullptr);
  EXPECT_NE(context_.memory_bytes, raw);
}

TEST_F(StreamTest, HandsOutTheHeadOnlyWhenAsked) {
  PushParts(3);
  EXPECT_EQ(stream_.PartsToFlush(false, sealer_).size(), 2u);
  const auto parts = stream_.PartsToFlush(true, sealer_);
  ASSERT_EQ(parts.size(), 3u);
  for (const StreamPart& part : parts) EXPECT_NE(part.sealed, nullptr);
}

TEST_F(StreamTest, ForgetsWhatWasFlushedAndItsMemory) {
  PushParts(3);
  stream_.DropFlushed(stream_.PartsToFlush(false, sealer_).size());
  EXPECT_EQ(stream_.Parts(model::TimeRange::All()).size(), 1u);
  PushParts(1);
  stream_.DropFlushed(stream_.PartsToFlush(true, sealer_).size());
  EXPECT_EQ(context_.memory_bytes, 0);
  EXPECT_EQ(stream_.Use().parts, 0u);
}

TEST_F(StreamTest, KeepsOnTakingEntriesWhileAFlushIsUnderWay) {
  PushParts(2);
  const size_t count = stream_.PartsToFlush(true, sealer_).size();
  PushParts(1);
  stream_.DropFlushed(count);
  const auto parts = stream_.Parts(model::TimeRange::All());
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].first_ns, 3);
}

// Parts at 10 to 20 and at 40 to 50.
TEST_F(StreamTest, KnowsInWhichRangesItHasEntries) {
  const std::string half(50, 'x');
  EXPECT_FALSE(stream_.HasEntriesIn(model::TimeRange::All()));
  Push({{20, half}, {10, half}, {40, half}, {50, half}});
  ASSERT_EQ(stream_.Parts(model::TimeRange::All()).size(), 2u);
  struct Row {
    model::TimeRange range;
    bool with_both = false;
    bool with_second = false;
  };
  const std::vector<Row> rows = {
      {model::TimeRange::All(), true, true},
      {{0, 10}, false, false},
      {{0, 11}, true, false},
      {{20, 30}, true, false},
      {{21, 40}, false, false},
      {{21, 41}, true, true},
      {{5, 60}, true, true},
      {{50, 60}, true, true},
      {{51, 60}, false, false},
      {{15, 16}, true, false},
      {{12, 45}, true, true},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(stream_.HasEntriesIn(row.range), row.with_both) << row.range.start;
    EXPECT_EQ(times_.Touch(row.range).value_or(row.with_both), row.with_both) << row.range.start;
  }
  stream_.PartsToFlush(false, sealer_);
  stream_.DropFlushed(1);
  for (const Row& row : rows) {
    EXPECT_EQ(stream_.HasEntriesIn(row.range), row.with_second) << row.range.start;
    EXPECT_EQ(times_.Touch(row.range).value_or(row.with_second), row.with_second);
  }
  stream_.DropFlushed(stream_.PartsToFlush(true, sealer_).size());
  for (const Row& row : rows) EXPECT_FALSE(stream_.HasEntriesIn(row.range)) << row.range.start;
}

// What tells a stream's times apart from its parts: nothing is said but what is certain.
TEST_F(StreamTest, LeavesWhatLiesBetweenItsEntriesOpen) {
  EXPECT_EQ(times_.Touch(model::TimeRange::All()), false);
  Push({{10, "a"}, {40, "b"}});
  EXPECT_EQ(times_.Touch({20, 30}), std::nullopt);
  EXPECT_EQ(times_.Touch({20, 41}), true);
  EXPECT_EQ(times_.Touch({41, 50}), false);
}

TEST_F(StreamTest, IsRemovedOnlyWhenEmptyAndIdle) {
  PushParts(1);
  EXPECT_FALSE(stream_.TryRemove(clock_.MonotonicNs()));
  stream_.DropFlushed(stream_.PartsToFlush(true, sealer_).size());
  clock_.Advance(std::chrono::seconds(10));
  EXPECT_FALSE(stream_.TryRemove(-1));
  EXPECT_TRUE(stream_.TryRemove(clock_.MonotonicNs()));
  EXPECT_TRUE(Push({{1, "a"}}).removed);
}

TEST_F(StreamTest, RestoresOnlyWhatTheStoreDoesNotHave) {
  WalEntries entries;
  entries.first_seq = 10;
  entries.entries = {{.time_ns = 1, .line = "a"}, {.time_ns = 2, .line = "b"}};
  const StreamRestore restored = stream_.Restore(entries, 3, 10);
  EXPECT_EQ(restored.entries, 1u);
  const auto parts = stream_.Parts(model::TimeRange::All());
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].last_seq, 11u);
  EXPECT_EQ(parts[0].wal_segment, 3u);
}

}  // namespace
}  // namespace skald::ingester
