#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "model/labels.h"

namespace skald::logql {

// What `sort` orders entries by, or what `distinct` tells them apart by.
struct MarkedValue {
  enum class Kind : uint8_t { kNumber, kText, kMissing };

  Kind kind = Kind::kMissing;
  double number = 0;
  std::string text;  // Of all kinds.
};

// What becomes of an entry at the answer stages of its query, as seen in the pipeline.
struct AnswerMarks {
  size_t reached = 0;               // How many of the stages it gets to; the end counts as one.
  std::vector<MarkedValue> values;  // By stage, for as many as it gets to.
};

// An entry that may become part of a log query's answer.
struct FoundEntry {
  int64_t time_ns = 0;
  uint64_t stream = 0;    // Rank of its stream,
  uint32_t scan = 0;      // the scan's place among all,
  uint64_t position = 0;  // and the entry's in its shard, in the direction of reading.
  std::string line;
  model::Labels labels;  // All, or of the stream's category alone when categories are told apart.
  model::Labels structured_metadata;
  model::Labels parsed;
  AnswerMarks marks;  // Empty in queries without answer stages.

  // Entries of one time are in the order of these; those of one scan are in one shard then.
  std::tuple<uint64_t, uint32_t, uint64_t> tie_key() const { return {stream, scan, position}; }
};

}  // namespace skald::logql
