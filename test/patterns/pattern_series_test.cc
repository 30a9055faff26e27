#include "patterns/pattern_series.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skald::patterns {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

PatternSeries Series(const std::string& pattern, const std::string& level,
                     std::vector<PatternSample> samples) {
  return {.pattern = pattern, .level = level, .samples = std::move(samples)};
}

TEST(MergePatternsTest, AddsEqualPatternsOfALevelUp) {
  const auto merged =
      MergePatterns({Series("a", "info", {{10, 1}, {20, 2}}), Series("a", "error", {{10, 1}}),
                     Series("a", "info", {{0, 4}, {20, 5}})},
                    1, 300);
  ASSERT_EQ(merged.size(), 2u);
  EXPECT_EQ(merged[0].level, "info");
  EXPECT_EQ(merged[0].total, 12u);
  EXPECT_THAT(merged[0].samples,
              ElementsAre(PatternSample{0, 4}, PatternSample{10, 1}, PatternSample{20, 7}));
  EXPECT_EQ(merged[1].level, "error");
}

TEST(MergePatternsTest, KeepsTheLargestThatAreLargeEnough) {
  const auto merged = MergePatterns({Series("a", "", {{0, 1}}), Series("b", "", {{0, 2}}),
                                     Series("c", "", {{0, 3}}), Series("d", "", {{0, 2}})},
                                    2, 2);
  ASSERT_EQ(merged.size(), 2u);
  EXPECT_EQ(merged[0].pattern, "c");
  EXPECT_EQ(merged[1].pattern, "b");
  EXPECT_THAT(MergePatterns({}, 1, 300), IsEmpty());
}

}  // namespace
}  // namespace skald::patterns
