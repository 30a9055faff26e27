#include "chunkstore/cache_admission.h"

#include <gtest/gtest.h>

#include <string>

namespace skald::chunkstore {
namespace {

TEST(SecondTouchTest, KnowsWhatItWasToRemember) {
  SecondTouch touched;
  EXPECT_FALSE(touched.Knows("a"));
  touched.Remember("a");
  EXPECT_TRUE(touched.Knows("a"));
  EXPECT_FALSE(touched.Knows("b"));
}

TEST(SecondTouchTest, ForgetsWhatWasAskedForLongAgo) {
  SecondTouch touched;
  touched.Remember("a");
  for (int i = 0; i < 1'000'000; ++i) touched.Remember(std::to_string(i));
  EXPECT_FALSE(touched.Knows("a"));
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
