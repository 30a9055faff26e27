#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "logql/stages/label_columns.h"
#include "logql/stats/number_sketch.h"
#include "logql/stats/quantity.h"

namespace skald::logql {

struct FieldValue {
  std::string value;  // The beginning of a long one.
  bool cut = false;   // Whether it is only that.
  uint64_t count = 0;
};

struct FieldNumbers {
  QuantityKind kind = QuantityKind::kNumber;
  NumberSummary summary;
};

// How the values of one field are distributed over the entries of a query.
struct FieldStats {
  std::string name;
  std::optional<LabelCategory> source;  // Nothing if no entry has the field.
  uint64_t present = 0;                 // Entries that have it.
  uint64_t distinct = 0;
  // Whether figures are estimates: too many distinct values.
  bool approximate = false;
  uint64_t count_error = 0;        // By how much counts of values may be too low.
  std::vector<FieldValue> values;  // The most frequent, descending.
  // If most of its values are quantities of one kind.
  std::optional<FieldNumbers> numbers;
  // How likely it is that two entries have the same value, 0 to 1.
  double agreement = 0;
};

// The answer to a question about the fields of a query's entries.
struct FieldStatsResult {
  uint64_t lines = 0;  // That the query has kept.
  std::vector<FieldStats> fields;
  bool more_fields = false;  // Whether some were left out for their number.
};

}  // namespace skald::logql
