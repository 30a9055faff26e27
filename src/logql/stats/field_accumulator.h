#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "logql/stats/distinct_sketch.h"
#include "logql/stats/field_stats.h"
#include "logql/stats/number_sketch.h"
#include "logql/stats/quantity.h"
#include "logql/stats/value_counts.h"

namespace skald::logql {

// Takes in the values of one field. Exact as long as ValueCounts is; from then on distinct values
// and numbers are kept in sketches, too. However values are spread over accumulators merged later:
// if all of them fit into one, the result is the same to the last digit.
//
// Order:   (Add | Merge | Shrink)* Finish.
// Threads: not synchronised. Each worker of a query has its own.
// Cost:    as ValueCounts; some 8 KiB more when it is exact no longer.
class FieldAccumulator {
 public:
  // `count` entries with this value.
  void Add(std::string_view value, uint64_t count);
  void Merge(const FieldAccumulator& other);
  // Frees memory at the price of exactness.
  void Shrink();

  uint64_t present() const { return present_; }
  size_t MemoryBytes() const;
  // All figures but name and source, with the `top` most frequent values. `lines`: entries in all.
  FieldStats Finish(size_t top, uint64_t lines) const;

 private:
  struct Sketches {
    DistinctSketch distinct;
    std::array<NumberSketch, kQuantityKinds> numbers;

    void Add(std::string_view shown, uint64_t hash, uint64_t count);
  };

  // Puts what has been counted so far into sketches; nothing if there are some.
  void StartSketches();
  void Count(const ValueCounts& other, const ValueCounts::Entry& entry);
  std::optional<FieldNumbers> ExactNumbers() const;
  std::optional<FieldNumbers> EstimatedNumbers() const;
  double Agreement(uint64_t lines) const;

  uint64_t present_ = 0;
  ValueCounts values_;
  std::unique_ptr<Sketches> sketches_;  // Null: all is exact.
};

}  // namespace skald::logql
