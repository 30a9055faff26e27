#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "logql/stats/value_type.h"
#include "model/sample.h"

namespace skald::querier {

// A field that a sample of entries has besides the labels of their streams.
struct DetectedField {
  std::string name;
  logql::ValueType type = logql::ValueType::kString;  // Of the oldest entry that has it.
  uint64_t cardinality = 0;                           // Distinct values in the sample.
  // How lines with it are read; both false for structured metadata alone.
  bool json = false;
  bool logfmt = false;
  std::vector<std::string> json_path;  // The keys it stands under in lines that are JSON.
};

// The fields of entries: their structured metadata, what the query's stages have parsed, and what
// their lines hold as JSON or else as logfmt. At most `limit`, those of the most entries; ordered
// by name. Names of error labels are left out.
//
// Requires: streams with categorised labels.
std::vector<DetectedField> DetectFields(const model::Streams& streams, size_t limit);

// The distinct values of one such field, at most `limit`, the most frequent first. Sizes are
// rounded: "1019B" is "1.0kB".
std::vector<std::string> DetectFieldValues(const model::Streams& streams, std::string_view name,
                                           size_t limit);

}  // namespace skald::querier
