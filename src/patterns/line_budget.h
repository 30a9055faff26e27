#pragma once

#include <cstddef>
#include <cstdint>

namespace skald::patterns {

// How many lines a second are looked at. What a second allows may be used at once; the more of it
// is used up, the fewer of the lines that come are looked at, each counting for several.
//
// Threads: not synchronised.
class LineBudget {
 public:
  explicit LineBudget(uint64_t lines_per_second)
      : lines_per_second_(static_cast<double>(lines_per_second)) {}

  // One line of how many is to be looked at now. `now_ns` is monotonic.
  uint32_t Stride(int64_t now_ns);

  // Counts lines that were looked at.
  void Use(size_t lines) { used_ += static_cast<double>(lines); }

 private:
  const double lines_per_second_;
  double used_ = 0;  // And not yet allowed for by the time that has passed.
  int64_t last_ns_ = 0;
};

// One line of how many is looked at when so much is used of what there is room for.
uint32_t StrideFor(size_t used, size_t room);

}  // namespace skald::patterns
