#include "patterns/line_budget.h"

#include <algorithm>

namespace skald::patterns {

uint32_t LineBudget::Stride(int64_t now_ns) {
  const double seconds = static_cast<double>(std::max<int64_t>(now_ns - last_ns_, 0)) * 1e-9;
  used_ = std::max(used_ - seconds * lines_per_second_, 0.0);
  last_ns_ = now_ns;
  return StrideFor(static_cast<size_t>(used_), static_cast<size_t>(lines_per_second_));
}

uint32_t StrideFor(size_t used, size_t room) {
  constexpr size_t kSteps = 8;
  return uint32_t{1} << std::min(used * kSteps / std::max<size_t>(room, 1), kSteps);
}

}  // namespace skald::patterns
