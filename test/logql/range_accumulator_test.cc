#include "logql/metric/range_accumulator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "support/time_units.h"

namespace skald::logql {
namespace {

using test::kSecond;

struct Sample {
  int64_t time = 0;
  uint32_t series = 0;
  double value = 0;
};

using Values = std::vector<double>;

// What an operation makes of the values of a window, in order of time; there is one at least.
double Naive(const RangeFunction& function, Values values) {
  const auto n = static_cast<double>(values.size());
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  double squares = 0;
  for (const double value : values) squares += (value - sum / n) * (value - sum / n);
  const double seconds = static_cast<double>(function.range_ns) / 1e9;
  switch (function.op) {
    case RangeOp::kCount:
    case RangeOp::kAbsent:
      return n;
    case RangeOp::kRate:
      return (function.unwrapped ? sum : n) / seconds;
    case RangeOp::kBytes:
    case RangeOp::kSum:
      return sum;
    case RangeOp::kBytesRate:
      return sum / seconds;
    case RangeOp::kAvg:
      return sum / n;
    case RangeOp::kMin:
      return *std::min_element(values.begin(), values.end());
    case RangeOp::kMax:
      return *std::max_element(values.begin(), values.end());
    case RangeOp::kStdvar:
      return squares / n;
    case RangeOp::kStddev:
      return std::sqrt(squares / n);
    case RangeOp::kFirst:
      return values.front();
    case RangeOp::kLast:
      return values.back();
    case RangeOp::kQuantile: {
      std::sort(values.begin(), values.end());
      const double rank = function.parameter * (n - 1);
      const auto lower = static_cast<size_t>(std::floor(rank));
      const size_t upper = std::min(lower + 1, values.size() - 1);
      return values[lower] + (values[upper] - values[lower]) * (rank - std::floor(rank));
    }
    case RangeOp::kRateCounter:
    case RangeOp::kCountDistinct:
      break;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

void AddAll(const std::vector<Sample>& samples, RangeAccumulator& accumulator) {
  std::vector<int64_t> times;
  std::vector<uint32_t> series;
  Values values;
  for (const Sample& sample : samples) {
    times.push_back(sample.time);
    series.push_back(sample.series);
    values.push_back(sample.value);
  }
  accumulator.Add({.times = times, .series = series, .values = values});
}

struct StepRow {
  Values values;
  std::vector<uint8_t> present;
};

StepRow RowOf(const RangeAccumulator& accumulator, size_t series, size_t steps) {
  StepRow row{.values = Values(steps), .present = std::vector<uint8_t>(steps)};
  accumulator.Finish(series, row.values.data(), row.present.data());
  return row;
}

class RangeAccumulatorTest : public testing::TestWithParam<RangeFunction> {
 protected:
  static constexpr uint32_t kSeries = 3;

  // Samples of distinct times, most of them early, so that windows are empty as well.
  std::vector<Sample> MakeSamples() {
    std::vector<Sample> samples;
    for (int64_t time = -20; time < 400; ++time) {
      if (random_() % 3 != 0 && (time < 150 || time > 300)) {
        samples.push_back({time, static_cast<uint32_t>(random_() % kSeries),
                           static_cast<double>(random_() % 1000) / 8 - 30});
      }
    }
    return samples;
  }

  void ExpectNaive(const RangeAccumulator& accumulator, const std::vector<Sample>& samples,
                   const StepGrid& grid) {
    for (uint32_t series = 0; series < kSeries; ++series) {
      const StepRow row = RowOf(accumulator, series, grid.count);
      for (size_t k = 0; k < grid.count; ++k) {
        Values window;
        for (const Sample& sample : samples) {
          if (sample.series == series && sample.time <= grid.At(k) &&
              sample.time > grid.At(k) - GetParam().range_ns) {
            window.push_back(sample.value);
          }
        }
        ASSERT_EQ(row.present[k] != 0, !window.empty()) << "series " << series << " step " << k;
        if (!window.empty()) {
          EXPECT_NEAR(row.values[k], Naive(GetParam(), window), 1e-9) << series << " at " << k;
        }
      }
    }
  }

  std::mt19937 random_{20240611};
};

TEST_P(RangeAccumulatorTest, AgreesWithLookingAtEachWindow) {
  for (const int64_t step : {1, 13, 50}) {
    const StepGrid grid{.start_ns = 0, .step_ns = step, .count = static_cast<size_t>(400 / step)};
    const TimeCells cells(grid, GetParam().range_ns, 0);
    const auto accumulator = RangeAccumulator::Make(GetParam(), cells);
    const std::vector<Sample> samples = MakeSamples();
    AddAll(samples, *accumulator);
    ExpectNaive(*accumulator, samples, grid);
  }
}

TEST_P(RangeAccumulatorTest, MergesWhatWorkersHaveUnderOtherNumbers) {
  const StepGrid grid{.start_ns = 0, .step_ns = 10, .count = 40};
  const TimeCells cells(grid, GetParam().range_ns, 0);
  const std::vector<Sample> samples = MakeSamples();
  std::vector<Sample> mine;
  std::vector<Sample> others;
  for (Sample sample : samples) {
    if (random_() % 2 == 0) {
      mine.push_back(sample);
    } else {
      sample.series = (sample.series + 1) % kSeries;
      others.push_back(sample);
    }
  }
  const auto accumulator = RangeAccumulator::Make(GetParam(), cells);
  const auto other = RangeAccumulator::Make(GetParam(), cells);
  AddAll(mine, *accumulator);
  AddAll(others, *other);
  const uint32_t map[] = {2, 0, 1};
  const size_t held = accumulator->MemoryBytes() + other->MemoryBytes();
  accumulator->Merge(*other, map);
  ExpectNaive(*accumulator, samples, grid);
  if (GetParam().op == RangeOp::kQuantile) {
    // Samples are in one place; pages may be in both.
    const auto pages = RangeAccumulator::Make(GetParam(), cells);
    AddAll({others.front()}, *pages);
    EXPECT_LT(accumulator->MemoryBytes() + other->MemoryBytes(), held + pages->MemoryBytes());
  }
}

const RangeFunction kFunctions[] = {
    {.op = RangeOp::kCount, .range_ns = 30},
    {.op = RangeOp::kRate, .range_ns = 5},
    {.op = RangeOp::kRate, .unwrapped = true, .range_ns = 70},
    {.op = RangeOp::kBytes, .range_ns = 30},
    {.op = RangeOp::kBytesRate, .range_ns = 30},
    {.op = RangeOp::kSum, .unwrapped = true, .range_ns = 30},
    {.op = RangeOp::kAvg, .unwrapped = true, .range_ns = 70},
    {.op = RangeOp::kMin, .unwrapped = true, .range_ns = 30},
    {.op = RangeOp::kMax, .unwrapped = true, .range_ns = 70},
    {.op = RangeOp::kStdvar, .unwrapped = true, .range_ns = 30},
    {.op = RangeOp::kStddev, .unwrapped = true, .range_ns = 70},
    {.op = RangeOp::kFirst, .unwrapped = true, .range_ns = 30},
    {.op = RangeOp::kLast, .unwrapped = true, .range_ns = 30},
    {.op = RangeOp::kQuantile, .parameter = 0.5, .unwrapped = true, .range_ns = 30},
    {.op = RangeOp::kQuantile, .parameter = 0.99, .unwrapped = true, .range_ns = 70},
    {.op = RangeOp::kAbsent, .range_ns = 30},
};

INSTANTIATE_TEST_SUITE_P(Operations, RangeAccumulatorTest, testing::ValuesIn(kFunctions),
                         [](const auto& info) {
                           return std::string(RangeOpName(info.param.op)) + "_" +
                                  std::to_string(info.index);
                         });

const Values kOne = {10, 11};
const Values kTwo = {20, 21};

// One window (0, 100] s over samples of one series.
double OneWindow(RangeOp op, double parameter, const std::vector<Sample>& samples) {
  std::vector<Sample> scaled = samples;
  for (Sample& sample : scaled) sample.time *= kSecond;
  const TimeCells cells({.start_ns = 100 * kSecond, .step_ns = 0, .count = 1}, 100 * kSecond, 0);
  const auto accumulator = RangeAccumulator::Make(
      {.op = op, .parameter = parameter, .unwrapped = true, .range_ns = 100 * kSecond}, cells);
  AddAll(scaled, *accumulator);
  const StepRow row = RowOf(*accumulator, 0, 1);
  EXPECT_EQ(row.present[0], 1);
  return row.values[0];
}

TEST(CounterRateTest, ExtrapolatesToTheEndsOfTheWindow) {
  // Samples reach both ends but for half a distance: the increase of 90 stretches to 100.
  std::vector<Sample> even;
  for (int64_t time = 5; time < 100; time += 10) even.push_back({time, 0, 1000.0 + time});
  EXPECT_DOUBLE_EQ(OneWindow(RangeOp::kRateCounter, 0, even), 1);
  // Far from both ends it stretches by half a distance.
  EXPECT_DOUBLE_EQ(OneWindow(RangeOp::kRateCounter, 0, {{45, 0, 100}, {55, 0, 110}}), 0.2);
  // Not below zero: a counter at 2 that rises by 10 in 10 s began 2 s before.
  EXPECT_DOUBLE_EQ(OneWindow(RangeOp::kRateCounter, 0, {{45, 0, 2}, {55, 0, 12}}), 0.17);
}

TEST(CounterRateTest, GoesOnOverResets) {
  EXPECT_DOUBLE_EQ(
      OneWindow(RangeOp::kRateCounter, 0, {{10, 0, 1000}, {40, 0, 1030}, {70, 0, 30}, {95, 0, 55}}),
      (30 + 30 + 25) * (85 + 10 + 5) / 85.0 / 100);
}

TEST(CounterRateTest, ASingleSampleHasNoRate) {
  EXPECT_EQ(OneWindow(RangeOp::kRateCounter, 0, {{50, 0, 7}}), 0);
}

TEST(QuantileTest, LiesBetweenTheValuesOrBeyondAll) {
  const std::vector<Sample> samples = {{1, 0, 30}, {2, 0, 10}, {3, 0, 20}, {4, 0, 40}};
  EXPECT_EQ(OneWindow(RangeOp::kQuantile, 0, samples), 10);
  EXPECT_EQ(OneWindow(RangeOp::kQuantile, 0.5, samples), 25);
  EXPECT_EQ(OneWindow(RangeOp::kQuantile, 1, samples), 40);
  EXPECT_EQ(OneWindow(RangeOp::kQuantile, -0.1, samples), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(OneWindow(RangeOp::kQuantile, 1.1, samples), std::numeric_limits<double>::infinity());
}

TEST(EdgesTest, AtOneTimeTheOrderOfArrivalDecides) {
  const std::vector<Sample> samples = {{1, 0, 5}, {1, 0, 4}, {1, 0, 6}, {2, 0, 9}, {2, 0, 8}};
  EXPECT_EQ(OneWindow(RangeOp::kFirst, 0, samples), 5);
  EXPECT_EQ(OneWindow(RangeOp::kLast, 0, samples), 8);
}

TEST(EdgesTest, OfSeveralStreamsTheSameOneCountsInWhateverOrderTheyCome) {
  const TimeCells cells({.start_ns = 100, .step_ns = 0, .count = 1}, 100, 0);
  const std::vector<int64_t> times = {7, 7};
  const std::vector<uint32_t> series = {0, 0};
  const SampleBatch one{.times = times, .series = series, .values = kOne, .stream = 1};
  const SampleBatch two{.times = times, .series = series, .values = kTwo, .stream = 2};
  for (const bool turned : {false, true}) {
    for (const RangeOp op : {RangeOp::kFirst, RangeOp::kLast}) {
      const RangeFunction function{.op = op, .unwrapped = true, .range_ns = 100};
      const auto accumulator = RangeAccumulator::Make(function, cells);
      accumulator->Add(turned ? two : one);
      const auto other = RangeAccumulator::Make(function, cells);
      other->Add(turned ? one : two);
      const uint32_t map[] = {0};
      accumulator->Merge(*other, map);
      EXPECT_EQ(RowOf(*accumulator, 0, 1).values[0], op == RangeOp::kFirst ? 10 : 21);
    }
  }
}

TEST(ExtremesTest, NanGivesWayToNumbers) {
  const double nan = std::nan("");
  EXPECT_EQ(OneWindow(RangeOp::kMin, 0, {{1, 0, nan}, {2, 0, 5}, {3, 0, nan}}), 5);
  EXPECT_EQ(OneWindow(RangeOp::kMax, 0, {{1, 0, nan}, {2, 0, 5}, {3, 0, nan}}), 5);
  EXPECT_TRUE(std::isnan(OneWindow(RangeOp::kMax, 0, {{1, 0, nan}})));
}

TEST(SumTest, DoesNotDependOnTheOrder) {
  EXPECT_EQ(OneWindow(RangeOp::kSum, 0, {{1, 0, 1e16}, {2, 0, 1}, {3, 0, -1e16}, {4, 0, 1}}), 2);
  EXPECT_EQ(OneWindow(RangeOp::kSum, 0, {{1, 0, 1}, {2, 0, 1}, {3, 0, 1e16}, {4, 0, -1e16}}), 2);
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(OneWindow(RangeOp::kSum, 0, {{1, 0, 1}, {2, 0, infinity}, {3, 0, 1}}), infinity);
}

}  // namespace
}  // namespace skald::logql
