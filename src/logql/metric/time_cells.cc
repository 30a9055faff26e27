#include "logql/metric/time_cells.h"

namespace skald::logql {

TimeCells::TimeCells(const StepGrid& grid, int64_t range_ns, int64_t offset_ns) {
  borders_.reserve(grid.count * 2);
  for (size_t k = 0; k < grid.count; ++k) {
    borders_.push_back(grid.At(k) - offset_ns - range_ns);
    borders_.push_back(grid.At(k) - offset_ns);
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
    first_.push_back(index_of(grid.At(k) - offset_ns - range_ns));
    end_.push_back(index_of(grid.At(k) - offset_ns));
    for (size_t c = std::max<size_t>(covered_to, first_[k]); c < end_[k]; ++c) {
      covered_[c] = 1;
    }
    covered_to = std::max<size_t>(covered_to, end_[k]);
  }
}

}  // namespace skald::logql
