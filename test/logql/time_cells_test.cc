#include "logql/metric/time_cells.h"

#include <gtest/gtest.h>

#include <string>

namespace skald::logql {
namespace {

TEST(TimeCellsTest, CutsTimeAtTheBordersOfWindows) {
  const TimeCells cells({.start_ns = 30, .step_ns = 10, .count = 2}, 25, 0);
  EXPECT_EQ(cells.count(), 3U);
  EXPECT_EQ(cells.FirstCell(0), 0U);
  EXPECT_EQ(cells.EndCell(0), 2U);
  EXPECT_EQ(cells.FirstCell(1), 1U);
  EXPECT_EQ(cells.EndCell(1), 3U);
  EXPECT_EQ(cells.range(), (model::TimeRange{6, 41}));
  EXPECT_EQ(cells.WindowEnd(0), 30);
  EXPECT_EQ(cells.Find(5, 0), TimeCells::kNone);
  EXPECT_EQ(cells.Find(6, 0), 0U);
  EXPECT_EQ(cells.Find(15, 0), 0U);
  EXPECT_EQ(cells.Find(16, 0), 1U);
  EXPECT_EQ(cells.Find(40, 1), 2U);
  EXPECT_EQ(cells.Find(41, 2), TimeCells::kNone);
}

TEST(TimeCellsTest, WindowsEndWithTime) {
  constexpr int64_t kYear = 31'536'000'000'000'000;
  const StepGrid now{.start_ns = 1'700'000'000'000'000'000, .step_ns = 0, .count = 1};
  const TimeCells future(now, kYear, -290 * kYear);
  EXPECT_GT(future.range().start, now.start_ns);
  EXPECT_GE(future.range().end, future.range().start);
  const TimeCells past(now, 290 * kYear, 290 * kYear);
  EXPECT_LT(past.range().start, now.start_ns);
  EXPECT_LT(past.range().end, now.start_ns);
  EXPECT_GE(past.range().end, past.range().start);
}

// Whether the cell found for each time lies in exactly the windows that the time does.
void ExpectWindowsHold(const StepGrid& grid, int64_t range, int64_t offset) {
  SCOPED_TRACE(std::to_string(grid.step_ns) + " " + std::to_string(range) + " " +
               std::to_string(offset));
  const TimeCells cells(grid, range, offset);
  ASSERT_EQ(cells.steps(), grid.count);
  for (int64_t time = -60; time < 160; ++time) {
    const size_t cell = cells.Find(time, 0);
    bool in_any = false;
    for (size_t k = 0; k < grid.count; ++k) {
      const int64_t end = grid.At(k) - offset;
      const bool inside = time > end - range && time <= end;
      in_any = in_any || inside;
      EXPECT_EQ(cell != TimeCells::kNone && cell >= cells.FirstCell(k) && cell < cells.EndCell(k),
                inside)
          << time << " in window " << k;
    }
    EXPECT_EQ(cell != TimeCells::kNone, in_any) << time;
    for (size_t hint = 0; in_any && hint <= cell; ++hint) EXPECT_EQ(cells.Find(time, hint), cell);
    EXPECT_TRUE(!in_any || cells.range().Contains(time)) << time;
  }
}

TEST(TimeCellsTest, ATimeIsInTheWindowsOfItsCell) {
  for (const int64_t step : {1, 7, 10, 30}) {
    for (const int64_t range : {1, 5, 10, 20, 25, 70}) {
      for (const int64_t offset : {0, 3, -10}) {
        ExpectWindowsHold({.start_ns = 20, .step_ns = step, .count = 4}, range, offset);
      }
    }
  }
  ExpectWindowsHold({.start_ns = 50, .step_ns = 0, .count = 1}, 30, 0);
}

}  // namespace
}  // namespace skald::logql
