#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "common/hash.h"

namespace skald::logql {

// The distribution of some numbers.
struct NumberSummary {
  uint64_t count = 0;
  double min = 0;
  double max = 0;
  double average = 0;
  // The smallest number that half, nine tenths, 99 of a hundred of all are not above.
  double p50 = 0;
  double p90 = 0;
  double p99 = 0;
};

struct WeightedNumber {
  double value = 0;
  uint64_t count = 0;
};

// Of numbers in ascending order; the quantiles are exact. `sum` is theirs.
NumberSummary Summarize(std::span<const WeightedNumber> ascending, double sum);

// Counts numbers in buckets that are the same everywhere: all doubles that share their sign, their
// exponent and the first seven bits of their fraction. So a quantile is off by less than 0.4 %,
// and numbers give the same buckets however they were spread over sketches merged later.
//
// Threads: not synchronised.
// Cost:    16 bytes a bucket, of which numbers of one order of magnitude have some 430.
class NumberSketch {
 public:
  // Requires: value is finite.
  void Add(double value, uint64_t count);
  void Merge(const NumberSketch& other);

  uint64_t count() const { return count_; }
  NumberSummary Summary() const;
  size_t MemoryBytes() const { return buckets_.capacity() * sizeof(std::pair<uint32_t, uint64_t>); }

 private:
  HashMap<uint32_t, uint64_t> buckets_;  // Ascending numbers have ascending keys.
  uint64_t count_ = 0;
  double sum_ = 0;
  double min_ = 0;
  double max_ = 0;
};

}  // namespace skald::logql
