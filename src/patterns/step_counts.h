#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace skald::patterns {

// How often something occurred in each step of time.
//
// Threads: not synchronised.
class StepCounts {
 public:
  static constexpr int64_t kStepSeconds = 10;

  struct Count {
    uint32_t step = 0;  // Since the epoch, in kStepSeconds.
    uint32_t count = 0;

    int64_t seconds() const { return step * kStepSeconds; }
  };

  // The step of a time that is not before the epoch.
  static uint32_t StepOf(int64_t time_ns) {
    return static_cast<uint32_t>(time_ns / (kStepSeconds * 1'000'000'000));
  }

  void Add(uint32_t step, uint32_t count);
  // Forgets steps before `step`.
  void DropBefore(uint32_t step);
  // Forgets steps of [first, end); whether there was any.
  bool Drop(uint32_t first, uint32_t end);

  bool empty() const { return counts_.empty(); }
  // Steps in which it occurred, ascending.
  const std::vector<Count>& counts() const { return counts_; }
  size_t MemoryBytes() const { return counts_.capacity() * sizeof(Count); }

 private:
  std::vector<Count> counts_;
};

}  // namespace skald::patterns
