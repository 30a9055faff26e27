#include "patterns/pattern_feed.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "support/manual_clock.h"

namespace skald::patterns {
namespace {

class PatternFeedTest : public testing::Test {
 protected:
  model::PushBatch Batch(size_t lines) {
    model::PushBatch batch;
    const std::string& text = batch.buffers.emplace_back("a line of some length to be counted");
    for (size_t i = 0; i < lines; ++i) {
      batch.entries.push_back({.time_ns = clock_.NowNs(), .line = text});
    }
    batch.streams.push_back({.labels = labels_,
                             .fingerprint = labels_->Hash(),
                             .entry_begin = 0,
                             .entry_count = static_cast<uint32_t>(lines)});
    return batch;
  }

  uint64_t Counted() {
    uint64_t total = 0;
    for (const PatternSeries& series :
         store_.Select(model::TenantId("t"), {}, model::TimeRange::All(), 1'000'000'000).series) {
      total += series.total;
    }
    return total;
  }

  // The feed works on its own; a test ends by its timeout if what it waits for does not come.
  void AwaitCount(uint64_t count) {
    while (Counted() != count) std::this_thread::yield();
  }

  test::ManualClock clock_;
  const std::shared_ptr<const model::Labels> labels_ =
      std::make_shared<const model::Labels>(model::Labels{{"app", "a"}});
  const StaticLimits limits_{Limits()};
  PatternStore store_{{}, limits_, clock_};
};

TEST_F(PatternFeedTest, BringsPushesToTheStore) {
  PatternFeed feed({}, store_, clock_);
  feed.Offer(model::TenantId("t"), Batch(3));
  AwaitCount(3);
  feed.Offer(model::TenantId("t"), Batch(4));
  AwaitCount(7);
}

TEST_F(PatternFeedTest, TakesAPushLargerThanItsQueueWhenNothingWaits) {
  PatternFeed feed({.queue_bytes = 1}, store_, clock_);
  feed.Offer(model::TenantId("t"), Batch(256));
  while (Counted() == 0) std::this_thread::yield();
}

TEST_F(PatternFeedTest, DropsWhatComesAfterItsEnd) {
  PatternFeed feed({}, store_, clock_);
  feed.Stop();
  feed.Stop();
  feed.Offer(model::TenantId("t"), Batch(3));
  EXPECT_EQ(Counted(), 0u);
}

}  // namespace
}  // namespace skald::patterns
