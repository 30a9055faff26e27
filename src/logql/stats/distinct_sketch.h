#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace skald::logql {

// Estimates how many distinct values there are, from their hashes: HyperLogLog with the estimator
// of Ertl ("New cardinality estimation algorithms for HyperLogLog sketches", 2017), which needs no
// tables and holds for few values as for many. The standard error is 1.6 %.
//
// The same values give the same sketch, in whatever order and however they were spread over
// sketches merged later.
//
// Threads: not synchronised.
// Cost:    4 KiB.
class DistinctSketch {
 public:
  static constexpr size_t kBytes = 4096;  // Of memory.

  DistinctSketch() : registers_(kRegisters) {}

  void Add(uint64_t hash) {
    const size_t at = hash >> (64 - kIndexBits);
    const uint64_t rest = hash << kIndexBits | uint64_t{1} << (kIndexBits - 1);
    const auto rank = static_cast<uint8_t>(__builtin_clzll(rest) + 1);
    registers_[at] = rank > registers_[at] ? rank : registers_[at];
  }
  void Merge(const DistinctSketch& other);
  uint64_t Estimate() const;

 private:
  static constexpr int kIndexBits = 12;
  static constexpr size_t kRegisters = kBytes;
  static constexpr int kMaxRank = 64 - kIndexBits;  // One more: no bit was set at all.

  static_assert(kRegisters == size_t{1} << kIndexBits);

  std::vector<uint8_t> registers_;  // Of each, the longest run of zeros seen, plus one.
};

}  // namespace skald::logql
