#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace skald::patterns {

// Chooses one line of `stride`, in runs: lines that follow each other are of one stream mostly, so
// that what they need is in the CPU's caches; and where two lines come in turns, both are chosen.
//
// Threads: not synchronised.
class LineSampler {
 public:
  static constexpr size_t kRun = 8;

  // Calls take(i) for those of the next lines that are chosen.
  template <typename F>
  void Choose(size_t lines, uint32_t stride, F&& take) {
    skip_ = std::min(skip_, Gap(stride));
    for (size_t i = 0; i < lines;) {
      const size_t skipped = std::min(skip_, lines - i);
      skip_ -= skipped;
      i += skipped;
      if (i == lines) return;
      take(i++);
      if (++taken_ % kRun == 0) skip_ = Gap(stride);
    }
  }

 private:
  static size_t Gap(uint32_t stride) { return kRun * (stride - 1); }

  size_t skip_ = 0;   // Lines before the next that is chosen.
  size_t taken_ = 0;  // Of all runs.
};

}  // namespace skald::patterns
