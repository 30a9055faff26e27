#include "distributor/refusals.h"

#include <gtest/gtest.h>

namespace skald::distributor {
namespace {

TEST(RefusalsTest, TellsASingleErrorAsItIs) {
  Refusals refusals;
  EXPECT_FALSE(refusals.HasErrors());
  refusals.AddError("line too long");
  EXPECT_TRUE(refusals.HasErrors());
  EXPECT_EQ(refusals.Text(), "line too long");
}

TEST(RefusalsTest, GroupsEqualErrors) {
  Refusals refusals;
  refusals.AddError("a");
  refusals.AddError("a");
  EXPECT_EQ(refusals.Text(), "2 errors like: a");
  refusals.AddError("b");
  EXPECT_EQ(refusals.Text(), "2 errors like: a; 1 errors like: b");
}

TEST(RefusalsTest, KeepsABoundedNumberOfTexts) {
  Refusals refusals;
  for (int i = 0; i < 1000; ++i) refusals.AddError("error " + std::to_string(i));
  const std::string text = refusals.Text();
  EXPECT_TRUE(text.ends_with("1 errors like: error 99; and 900 other errors")) << text;
}

TEST(RefusalsTest, CountsByReasonPolicyAndRetention) {
  Refusals refusals;
  refusals.AddCount({.reason = "old"}, 1, 10);
  refusals.AddCount({.reason = "old", .policy = "p"}, 1, 20);
  refusals.AddCount({.reason = "old"}, 2, 30);
  refusals.AddCount({.reason = "old", .retention_hours = "24"}, 4, 50);
  ASSERT_EQ(refusals.counts().size(), 3u);
  EXPECT_EQ(refusals.counts()[0].entries, 3u);
  EXPECT_EQ(refusals.counts()[0].bytes, 40u);
  EXPECT_EQ(refusals.counts()[1].policy, "p");
}

}  // namespace
}  // namespace skald::distributor
