#include "logql/metric/distinct_cell.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "common/hash.h"

namespace skald::logql {
namespace {

uint64_t HashOf(uint64_t value) { return Hash64(std::to_string(value)); }

DistinctCell CellOf(uint64_t begin, uint64_t end) {
  DistinctCell cell;
  for (uint64_t value = begin; value < end; ++value) cell.Add(HashOf(value));
  return cell;
}

TEST(DistinctCellTest, CountsExactlyUpToItsBound) {
  EXPECT_TRUE(DistinctCell().empty());
  DistinctCell cell;
  for (uint64_t value = 0; value < DistinctCell::kExact; ++value) {
    cell.Add(HashOf(value));
    cell.Add(HashOf(value / 2));
    ASSERT_EQ(cell.Count(), static_cast<double>(value + 1));
  }
  EXPECT_LE(cell.MemoryBytes(), 64u << 10);
}

TEST(DistinctCellTest, CountsAHashOfZero) {
  DistinctCell cell;
  cell.Add(0);
  cell.Add(0);
  EXPECT_FALSE(cell.empty());
  EXPECT_EQ(cell.Count(), 1);
}

TEST(DistinctCellTest, EstimatesWithinFourStandardErrorsBeyond) {
  for (const uint64_t values : {4097u, 5000u, 10'000u, 40'000u, 200'000u, 1'000'000u}) {
    const double error = CellOf(0, values).Count() / static_cast<double>(values) - 1;
    EXPECT_LT(std::fabs(error), 4 * 0.0081) << values;
  }
}

TEST(DistinctCellTest, HasNoBiasInTheLong) {
  constexpr uint64_t kValues = 20'000;
  double sum = 0;
  for (uint64_t run = 0; run < 50; ++run) {
    sum += CellOf(run * kValues, (run + 1) * kValues).Count() / kValues - 1;
  }
  EXPECT_LT(std::fabs(sum / 50), 4 * 0.0081 / std::sqrt(50.0));
}

TEST(DistinctCellTest, HowItWasPutTogetherDoesNotShow) {
  for (const uint64_t values : {10u, 4096u, 4097u, 30'000u}) {
    std::vector<uint64_t> hashes;
    for (uint64_t value = 0; value < values; ++value) hashes.push_back(HashOf(value));
    const double whole = CellOf(0, values).Count();
    for (uint32_t seed = 0; seed < 5; ++seed) {
      std::shuffle(hashes.begin(), hashes.end(), std::mt19937_64(seed));
      // Parts that overlap, the first ones smaller than those behind.
      DistinctCell merged;
      for (size_t begin = 0; begin < hashes.size(); begin += begin / 3 + 1) {
        DistinctCell part;
        for (size_t i = begin; i < std::min(hashes.size(), 2 * begin + 5); ++i) part.Add(hashes[i]);
        merged.Merge(part);
      }
      EXPECT_EQ(merged.Count(), whole) << values << " values, seed " << seed;
    }
  }
}

TEST(DistinctCellTest, MergesASketchIntoNothingAndNothingIntoASketch) {
  const DistinctCell sketch = CellOf(0, 9000);
  DistinctCell cell;
  cell.Merge(sketch);
  EXPECT_EQ(cell.Count(), sketch.Count());
  cell.Merge(DistinctCell());
  EXPECT_EQ(cell.Count(), sketch.Count());
}

}  // namespace
}  // namespace skald::logql
