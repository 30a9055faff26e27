#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace skald::logql {

// Estimates how many distinct values there are, from their hashes: HyperLogLog with the estimator
// of Ertl ("New cardinality estimation algorithms for HyperLogLog sketches", 2017), which needs no
// tables and holds for few values as for many. With n bits of index the standard error is
// 1.04 / 2^(n/2): 1.6 % for 12, 0.8 % for 14.
//
// The same values give the same sketch, in whatever order and however they were spread over
// sketches merged later.
//
// Threads: not synchronised.
// Cost:    a byte for each of 2^n registers.
class DistinctSketch {
 public:
  // Requires: sketches that are merged have the same.
  explicit DistinctSketch(int index_bits = 12)
      : index_bits_(index_bits), registers_(size_t{1} << index_bits) {}

  size_t MemoryBytes() const { return registers_.size(); }

  void Add(uint64_t hash) {
    const size_t at = hash >> (64 - index_bits_);
    const uint64_t rest = hash << index_bits_ | uint64_t{1} << (index_bits_ - 1);
    const auto rank = static_cast<uint8_t>(__builtin_clzll(rest) + 1);
    registers_[at] = rank > registers_[at] ? rank : registers_[at];
  }
  void Merge(const DistinctSketch& other);
  uint64_t Estimate() const;

 private:
  int index_bits_;
  std::vector<uint8_t> registers_;  // Of each, the longest run of zeros seen, plus one.
};

}  // namespace skald::logql
