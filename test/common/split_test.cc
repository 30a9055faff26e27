#include "common/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skald {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SplitTest, CountsBlanksAndNothingBetweenCommas) {
  EXPECT_THAT(SplitAtCommas("a, b,,c"), ElementsAre("a", " b", "", "c"));
  EXPECT_THAT(SplitAtCommas(",a,"), ElementsAre("", "a", ""));
  EXPECT_THAT(SplitAtCommas(","), ElementsAre("", ""));
}

TEST(SplitTest, AnEmptyTextHasNoParts) { EXPECT_THAT(SplitAtCommas(""), IsEmpty()); }

}  // namespace
}  // namespace skald
