#include "logql/metric/range_accumulator.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "logql/metric/time_cells.h"

namespace skald::logql {
namespace {

struct Computed {
  std::vector<double> values;
  std::vector<uint8_t> present;

  friend bool operator==(const Computed&, const Computed&) = default;
};

Computed ComputedBy(const RangeAccumulator& accumulator, size_t series, size_t steps) {
  Computed computed{std::vector<double>(steps), std::vector<uint8_t>(steps)};
  accumulator.Finish(series, computed.values.data(), computed.present.data());
  return computed;
}

// Lines of random lengths at random times, some of them before and behind all windows and, where
// ranges are shorter than steps, in between.
class SampleRunTest : public testing::Test {
 protected:
  SampleRunTest() {
    std::mt19937_64 random(11);
    int64_t time = -30;
    for (int i = 0; i < 500; ++i) {
      time += static_cast<int64_t>(random() % 3);
      times_.push_back(time);
      offsets_.push_back(offsets_.back() + 1 + static_cast<uint32_t>(random() % 50));
      lengths_.push_back(offsets_.back() - offsets_[offsets_.size() - 2] - 1);
    }
  }

  void ExpectRunsToEqualSamples(RangeOp op, int64_t range_ns, bool offsets) {
    const StepGrid grid{.start_ns = 20, .step_ns = 40, .count = 10};
    const TimeCells cells(grid, range_ns, 0);
    const RangeFunction function{.op = op, .range_ns = range_ns};
    const auto by_sample = RangeAccumulator::Make(function, cells);
    const auto by_run = RangeAccumulator::Make(function, cells);
    const std::vector<uint32_t> series(times_.size(), 3);
    const bool counts = function.only_counts();
    by_sample->Add({.times = times_,
                    .series = series,
                    .values = counts ? std::span<const double>() : lengths_});
    SampleRun run{.series = 3, .times = times_, .values = {}, .line_offsets = {}};
    if (offsets) {
      run.line_offsets = offsets_;
    } else if (!counts) {
      run.values = lengths_;
    }
    by_run->AddRun(run);
    EXPECT_EQ(ComputedBy(*by_run, 3, grid.count), ComputedBy(*by_sample, 3, grid.count))
        << "op " << static_cast<int>(op) << ", range " << range_ns << ", offsets " << offsets;
  }

  std::vector<int64_t> times_;
  std::vector<uint32_t> offsets_{0};
  std::vector<double> lengths_;
};

TEST_F(SampleRunTest, ARunIsAsGoodAsItsSamples) {
  for (const int64_t range : {10, 40, 90}) {
    ExpectRunsToEqualSamples(RangeOp::kCount, range, false);
    ExpectRunsToEqualSamples(RangeOp::kRate, range, false);
    ExpectRunsToEqualSamples(RangeOp::kBytes, range, false);
    ExpectRunsToEqualSamples(RangeOp::kBytes, range, true);
    ExpectRunsToEqualSamples(RangeOp::kBytesRate, range, true);
    ExpectRunsToEqualSamples(RangeOp::kMax, range, true);
    ExpectRunsToEqualSamples(RangeOp::kLast, range, false);
    ExpectRunsToEqualSamples(RangeOp::kQuantile, range, false);
  }
}

}  // namespace
}  // namespace skald::logql
