#include "chunkstore/cache_admission.h"

#include <gtest/gtest.h>

#include <string>

namespace skald::chunkstore {
namespace {

TEST(SecondTouchTest, TellsTheSecondTimeFromTheFirst) {
  SecondTouch touched;
  EXPECT_FALSE(touched.Test("a"));
  EXPECT_FALSE(touched.Test("b"));
  EXPECT_TRUE(touched.Test("a"));
  EXPECT_TRUE(touched.Test("a"));
}

TEST(SecondTouchTest, ForgetsWhatWasAskedForLongAgo) {
  SecondTouch touched;
  touched.Test("a");
  for (int i = 0; i < 1'000'000; ++i) touched.Test(std::to_string(i));
  EXPECT_FALSE(touched.Test("a"));
}

TEST(CacheAllowanceTest, GivesNoMoreThanItHas) {
  CacheAllowance allowance(100);
  EXPECT_TRUE(allowance.Take(60));
  EXPECT_FALSE(allowance.Take(41));
  EXPECT_TRUE(allowance.Take(40));
  EXPECT_FALSE(allowance.Take(1));
}

}  // namespace
}  // namespace skald::chunkstore
