#include "common/token_bucket.h"

#include <gtest/gtest.h>

#include "support/manual_clock.h"

namespace skald {
namespace {

using std::chrono::milliseconds;
using test::ManualClock;

TEST(TokenBucketTest, AdmitsTheBurstThenTheRate) {
  ManualClock clock;
  TokenBucket bucket(10, 20, clock);
  EXPECT_TRUE(bucket.TryTake(20));
  EXPECT_FALSE(bucket.TryTake(1));
  clock.Advance(milliseconds(100));
  EXPECT_TRUE(bucket.TryTake(1));
  EXPECT_FALSE(bucket.TryTake(1));
}

TEST(TokenBucketTest, TakesAllOrNothing) {
  ManualClock clock;
  TokenBucket bucket(1, 5, clock);
  EXPECT_FALSE(bucket.TryTake(6));
  EXPECT_TRUE(bucket.TryTake(5));
}

TEST(TokenBucketTest, NeverSavesMoreThanTheBurst) {
  ManualClock clock;
  TokenBucket bucket(10, 5, clock);
  clock.Advance(milliseconds(10'000));
  EXPECT_TRUE(bucket.TryTake(5));
  EXPECT_FALSE(bucket.TryTake(1));
}

TEST(TokenBucketTest, NewSettingsTakeEffectAtOnce) {
  ManualClock clock;
  TokenBucket bucket(1, 100, clock);
  bucket.Reset(1000, 10);
  EXPECT_FALSE(bucket.TryTake(11));
  EXPECT_TRUE(bucket.TryTake(10));
  clock.Advance(milliseconds(5));
  EXPECT_TRUE(bucket.TryTake(5));
}

TEST(TokenLevelTest, IsFullAtFirstAndFillsAtTheRate) {
  TokenLevel level;
  EXPECT_FALSE(level.TryTake(21, 10, 20, 5'000'000'000));
  EXPECT_TRUE(level.TryTake(20, 10, 20, 5'000'000'000));
  EXPECT_FALSE(level.TryTake(1, 10, 20, 5'000'000'000));
  EXPECT_TRUE(level.TryTake(1, 10, 20, 5'100'000'000));
}

TEST(TokenLevelTest, LosesWhatIsAboveANewBurst) {
  TokenLevel level;
  EXPECT_TRUE(level.TryTake(0, 1, 100, 0));
  EXPECT_FALSE(level.TryTake(11, 1, 10, 0));
  EXPECT_TRUE(level.TryTake(10, 1, 10, 0));
}

}  // namespace
}  // namespace skald
