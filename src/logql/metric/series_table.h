#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/labels.h"

namespace skald::logql {

// The times at which an expression is evaluated.
struct StepGrid {
  int64_t start_ns = 0;
  int64_t step_ns = 0;
  size_t count = 1;

  int64_t At(size_t k) const { return start_ns + static_cast<int64_t>(k) * step_ns; }
};

// The values of an expression: series by steps, some of them missing. All operators work on whole
// tables.
//
// Threads: a value.
struct SeriesTable {
  explicit SeriesTable(size_t step_count = 0) : steps(step_count) {}

  size_t steps;
  std::vector<model::Labels> labels;  // Of each series.
  std::vector<double> values;         // Row by row: series * steps + step.
  std::vector<uint8_t> present;       // Likewise; 0 or 1.

  // Bytes of memory that a table of these series holds, roughly.
  static size_t MemoryBytes(const std::vector<model::Labels>& labels, size_t steps) {
    size_t bytes = labels.size() * (sizeof(model::Labels) + steps * (sizeof(double) + 1));
    for (const model::Labels& one : labels) bytes += one.encoded().size();
    return bytes;
  }

  size_t size() const { return labels.size(); }
  double* Values(size_t series) { return values.data() + series * steps; }
  const double* Values(size_t series) const { return values.data() + series * steps; }
  uint8_t* Present(size_t series) { return present.data() + series * steps; }
  const uint8_t* Present(size_t series) const { return present.data() + series * steps; }

  // Appends a series without values; returns its index.
  size_t Add(model::Labels series_labels) {
    labels.push_back(std::move(series_labels));
    values.resize(labels.size() * steps);
    present.resize(labels.size() * steps);
    return labels.size() - 1;
  }
};

}  // namespace skald::logql
