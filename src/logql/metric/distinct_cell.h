#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "logql/stats/distinct_sketch.h"

namespace skald::logql {

// How many distinct values a field has in one cell of time, for cells as of range_cells.h. Values
// are known by a hash of 64 bits. Up to kExact of them are kept, and the count is exact; beyond
// that they go into a sketch with a standard error of 0.8 %. Either form depends on the set of
// values alone, not on how it was put together.
//
// Threads: a value.
// Cost:    8 to 16 bytes a value, 64 KiB at most; 16 KiB for a sketch.
class DistinctCell {
 public:
  static constexpr size_t kExact = 4096;

  void Add(uint64_t hash);
  void Merge(const DistinctCell& other);

  bool empty() const { return count_ == 0 && !sketch_; }
  double Count() const;
  size_t MemoryBytes() const {
    return slots_.size() * sizeof(uint64_t) + (sketch_ ? sketch_->MemoryBytes() : 0);
  }

 private:
  static constexpr int kIndexBits = 14;  // Of the sketch.

  void Grow();
  bool Insert(uint64_t hash);
  void MakeSketch();

  size_t count_ = 0;             // Values in slots_.
  std::vector<uint64_t> slots_;  // Open addressing; 0 is free.
  std::optional<DistinctSketch> sketch_;
};

}  // namespace skald::logql
