#include "patterns/line_sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace skald::patterns {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<size_t> Chosen(LineSampler& sampler, size_t lines, uint32_t stride) {
  std::vector<size_t> chosen;
  sampler.Choose(lines, stride, [&](size_t i) { chosen.push_back(i); });
  return chosen;
}

TEST(LineSamplerTest, ChoosesAllLinesOfAStrideOfOne) {
  LineSampler sampler;
  EXPECT_EQ(Chosen(sampler, 20, 1).size(), 20u);
}

TEST(LineSamplerTest, ChoosesRunsOverTheBordersOfPushes) {
  LineSampler sampler;
  EXPECT_THAT(Chosen(sampler, 6, 2), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(Chosen(sampler, 6, 2), ElementsAre(0, 1));
  EXPECT_THAT(Chosen(sampler, 3, 2), IsEmpty());
  EXPECT_THAT(Chosen(sampler, 3, 2), ElementsAre(1, 2));
}

TEST(LineSamplerTest, TakesASmallerStrideUpAtOnce) {
  LineSampler sampler;
  Chosen(sampler, 8, 256);
  EXPECT_THAT(Chosen(sampler, 10, 2), ElementsAre(8, 9));
  Chosen(sampler, 6, 256);
  EXPECT_THAT(Chosen(sampler, 3, 1), ElementsAre(0, 1, 2));
}

TEST(LineSamplerTest, ChoosesAsManyAsItShould) {
  for (const uint32_t stride : {1u, 2u, 4u, 64u}) {
    LineSampler sampler;
    size_t chosen = 0;
    for (size_t push = 0; push < 1000; ++push) chosen += Chosen(sampler, push % 100, stride).size();
    EXPECT_NEAR(static_cast<double>(chosen * stride), 49'500, LineSampler::kRun * stride);
  }
  LineSampler sampler;
  EXPECT_THAT(Chosen(sampler, 0, 4), IsEmpty());
}

}  // namespace
}  // namespace skald::patterns
