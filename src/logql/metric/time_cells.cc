#include "logql/metric/time_cells.h"

namespace skald::logql {
namespace {

constexpr int64_t kFar = 9'200'000'000'000'000'000;  // The ends of time; a little more still fits.

// So much earlier; a range or an offset may be longer than time.
int64_t Before(int64_t time_ns, int64_t by_ns) {
  int64_t earlier = 0;
  if (__builtin_sub_overflow(time_ns, by_ns, &earlier)) {
    return by_ns > 0 ? -kFar : kFar;
  }
  return std::clamp(earlier, -kFar, kFar);
}

}  // namespace

TimeCells::TimeCells(const StepGrid& grid, int64_t range_ns, int64_t offset_ns) {
  borders_.reserve(grid.count * 2);
  for (size_t k = 0; k < grid.count; ++k) {
    const int64_t end = Before(grid.At(k), offset_ns);
    borders_.push_back(Before(end, range_ns));
    borders_.push_back(end);
  }
  std::sort(borders_.begin(), borders_.end());
  borders_.erase(std::unique(borders_.begin(), borders_.end()), borders_.end());
  covered_.assign(borders_.size() - 1, 0);
  const auto index_of = [this](int64_t border) {
    return static_cast<uint32_t>(std::lower_bound(borders_.begin(), borders_.end(), border) -
                                 borders_.begin());
  };
  size_t covered_to = 0;
  for (size_t k = 0; k < grid.count; ++k) {
    const int64_t end = Before(grid.At(k), offset_ns);
    first_.push_back(index_of(Before(end, range_ns)));
    end_.push_back(index_of(end));
    for (size_t c = std::max<size_t>(covered_to, first_[k]); c < end_[k]; ++c) {
      covered_[c] = 1;
    }
    covered_to = std::max<size_t>(covered_to, end_[k]);
  }
}

}  // namespace skald::logql
