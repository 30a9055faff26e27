#include "logql/stats/number_sketch.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace skald::logql {
namespace {

TEST(NumberSketch, OneNumberIsExact) {
  for (const double number : {0.0, 1.0, -1.0, 123.456, -0.001, 1e300, -1e300, 5e-324}) {
    NumberSketch sketch;
    sketch.Add(number, 7);
    const NumberSummary summary = sketch.Summary();
    EXPECT_EQ(summary.count, 7);
    EXPECT_EQ(summary.min, number);
    EXPECT_EQ(summary.p50, number);
    EXPECT_EQ(summary.p99, number);
    EXPECT_EQ(summary.max, number);
  }
}

TEST(NumberSketch, EveryBucketIsNarrow) {
  for (double number = 1e-300; number < 1e300; number *= 1.37) {
    for (const double sign : {1.0, -1.0}) {
      NumberSketch sketch;
      sketch.Add(sign * number, 1);
      sketch.Add(-std::numeric_limits<double>::max(), 0);
      sketch.Add(std::numeric_limits<double>::max(), 0);
      EXPECT_NEAR(sketch.Summary().p50, sign * number, 0.004 * number);
    }
  }
}

TEST(NumberSketch, SignsAndZeroKeepTheirOrder) {
  NumberSketch sketch;
  sketch.Add(-5, 10);
  sketch.Add(0, 45);
  sketch.Add(7, 45);
  const NumberSummary summary = sketch.Summary();
  EXPECT_EQ(summary.min, -5);
  EXPECT_EQ(summary.p50, 0);
  EXPECT_NEAR(summary.p90, 7, 0.03);
  EXPECT_DOUBLE_EQ(summary.average, 2.65);
}

TEST(NumberSketch, MergedSketchesAreOne) {
  NumberSketch all;
  NumberSketch parts[2];
  for (int i = 0; i < 1000; ++i) {
    all.Add(i, 1);
    parts[i % 2].Add(i, 1);
  }
  parts[0].Merge(parts[1]);
  parts[0].Merge(NumberSketch());
  const NumberSummary a = all.Summary();
  const NumberSummary b = parts[0].Summary();
  EXPECT_EQ(a.count, b.count);
  EXPECT_EQ(a.min, b.min);
  EXPECT_EQ(a.max, b.max);
  EXPECT_EQ(a.average, b.average);
  EXPECT_EQ(a.p50, b.p50);
  EXPECT_EQ(a.p99, b.p99);
}

TEST(Summarize, QuantilesAreByNearestRank) {
  const std::vector<WeightedNumber> numbers = {{.value = 1, .count = 9}, {.value = 2, .count = 1}};
  const NumberSummary summary = Summarize(numbers, 11);
  EXPECT_EQ(summary.p50, 1);
  EXPECT_EQ(summary.p90, 1);
  EXPECT_EQ(summary.p99, 2);
  EXPECT_EQ(summary.average, 1.1);
}

TEST(Summarize, NothingIsZero) { EXPECT_EQ(Summarize({}, 0).count, 0); }

}  // namespace
}  // namespace skald::logql
