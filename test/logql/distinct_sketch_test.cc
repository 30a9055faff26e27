#include "logql/stats/distinct_sketch.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "common/hash.h"

namespace skald::logql {
namespace {

TEST(DistinctSketch, NothingIsNothing) { EXPECT_EQ(DistinctSketch().Estimate(), 0); }

TEST(DistinctSketch, FewValuesAreNearlyExact) {
  DistinctSketch sketch;
  for (int i = 1; i <= 200; ++i) {
    sketch.Add(Hash64(std::to_string(i)));
    sketch.Add(Hash64(std::to_string(i)));
    EXPECT_NEAR(static_cast<double>(sketch.Estimate()), i, 0.03 * i + 1);
  }
}

TEST(DistinctSketch, ErrorStaysAsStated) {
  double squares = 0;
  int measured = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    DistinctSketch sketch;
    for (int i = 1; i <= 40000; ++i) {
      sketch.Add(Hash64(std::to_string(i), seed));
      if (i == 1000 || i == 5000 || i == 10000 || i == 40000) {
        const double error = static_cast<double>(sketch.Estimate()) / i - 1;
        squares += error * error;
        ++measured;
      }
    }
  }
  EXPECT_LT(std::sqrt(squares / measured), 0.0175);
}

TEST(DistinctSketch, MergedSketchesAreOne) {
  DistinctSketch all;
  DistinctSketch odd;
  DistinctSketch even;
  for (int i = 0; i < 20000; ++i) {
    const uint64_t hash = Hash64(std::to_string(i % 15000));
    all.Add(hash);
    (i % 2 == 0 ? even : odd).Add(hash);
  }
  odd.Merge(even);
  EXPECT_EQ(odd.Estimate(), all.Estimate());
}

}  // namespace
}  // namespace skald::logql
