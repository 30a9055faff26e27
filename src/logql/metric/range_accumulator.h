#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "logql/ast.h"
#include "logql/metric/time_cells.h"

namespace skald::logql {

// Samples of one stream in ascending order of time and, within one time, of arrival; as parallel
// arrays.
struct SampleBatch {
  std::span<const int64_t> times;
  std::span<const uint32_t> series;
  std::span<const double> values;    // May be empty for operations that only count.
  std::span<const uint64_t> hashes;  // For count_distinct_over_time, of the field's values.
  uint64_t stream = 0;               // Tells streams apart, in all queries alike.
};

// Samples of one stream and one series, in the same order.
struct SampleRun {
  uint32_t series = 0;
  std::span<const int64_t> times;
  std::span<const double> values;  // May be empty for operations that only count,
  // and where the values are lengths of lines that follow each other: these are their offsets, one
  // more than there are samples, as a TextColumn has them.
  std::span<const uint32_t> line_offsets;
  uint64_t stream = 0;  // As in SampleBatch.
};

// What a range aggregation is to compute of the samples in its windows.
struct RangeFunction {
  RangeOp op = RangeOp::kCount;
  double parameter = 0;  // The quantile.
  bool unwrapped = false;
  int64_t range_ns = 0;

  bool only_counts() const {
    return op == RangeOp::kCount || op == RangeOp::kAbsent || (op == RangeOp::kRate && !unwrapped);
  }
};

// Collects samples by series and cell of time, and folds the cells of each window in the end.
//
// Order:     Add* Merge* Finish*
// Ownership: borrows the cells.
// Threads:   not synchronised. Each worker has its own; they are merged.
// Cost:      pages of 64 cells for each series, where it has samples; quantile_over_time and
//            rate_counter keep every sample, count_distinct_over_time every value (DistinctCell).
class RangeAccumulator {
 public:
  static std::unique_ptr<RangeAccumulator> Make(const RangeFunction& function,
                                                const TimeCells& cells);
  virtual ~RangeAccumulator() = default;

  virtual void Add(const SampleBatch& samples) = 0;
  // Cheaper than Add: where samples need not be looked at, a cell's are taken all at once.
  virtual void AddRun(const SampleRun& samples) = 0;
  // Takes over what another one has, whose series s is series_map[s] here. Samples that are
  // kept are moved: the other one has its pages only after that.
  virtual void Merge(RangeAccumulator& other, std::span<const uint32_t> series_map) = 0;
  // Sets values and presence of a series at every step.
  virtual void Finish(size_t series, double* values, uint8_t* present) const = 0;

  // Bytes of memory held, roughly.
  virtual size_t MemoryBytes() const = 0;
};

}  // namespace skald::logql
