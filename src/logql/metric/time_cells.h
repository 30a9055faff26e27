#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "logql/metric/series_table.h"
#include "model/ids.h"

namespace skald::logql {

// The time axis cut at every border of a range aggregation's windows. A sample is put into its
// cell once; a window, (t - range - offset, t - offset] for each step t, is then a run of cells.
//
//   step 10, range 25, evaluated at 30 and 40: windows (5,30] (15,40]; cells (5,15] (15,30] (30,40]
//
// Threads: immutable.
class TimeCells {
 public:
  static constexpr size_t kNone = ~size_t{0};

  TimeCells(const StepGrid& grid, int64_t range_ns, int64_t offset_ns);

  size_t count() const { return borders_.size() - 1; }
  size_t steps() const { return first_.size(); }
  // The window of a step: cells [FirstCell, EndCell).
  size_t FirstCell(size_t step) const { return first_[step]; }
  size_t EndCell(size_t step) const { return end_[step]; }

  // The last time that belongs to the window.
  int64_t WindowEnd(size_t step) const { return borders_[end_[step]]; }

  // The last time that belongs to a cell.
  int64_t CellEnd(size_t cell) const { return borders_[cell + 1]; }

  // All times that lie in a window.
  model::TimeRange range() const { return {borders_.front() + 1, borders_.back() + 1}; }

  // The cell of `time`; kNone outside of all windows. `hint`: any cell before or at it (0 will do);
  // near ones are found fast.
  size_t Find(int64_t time, size_t hint) const {
    if (time <= borders_[hint] || time > borders_.back()) {
      return kNone;
    }
    if (time > borders_[hint + 1]) {
      hint =
          static_cast<size_t>(std::lower_bound(borders_.begin() + static_cast<ptrdiff_t>(hint) + 1,
                                               borders_.end(), time) -
                              borders_.begin()) -
          1;
    }
    return covered_[hint] ? hint : kNone;
  }

 private:
  std::vector<int64_t> borders_;  // Cell c is (borders_[c], borders_[c + 1]].
  std::vector<uint8_t> covered_;  // Whether a window covers the cell; gaps come if range < step.
  std::vector<uint32_t> first_;
  std::vector<uint32_t> end_;
};

}  // namespace skald::logql
