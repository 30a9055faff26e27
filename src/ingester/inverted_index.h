#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/hash.h"
#include "model/labels.h"
#include "model/matcher.h"

namespace skald::ingester {

// Which streams have which label: names and values to ids of streams.
//
// Threads: not synchronised: its shard's mutex guards it.
// Cost:    four bytes for each label of each stream, and each distinct name and value once.
class InvertedIndex {
 public:
  using Id = uint32_t;
  using Ids = std::vector<Id>;  // Ascending.

  void Add(Id id, const model::Labels& labels);
  void Remove(Id id, const model::Labels& labels);

  // Streams among which all are that match; which of them do is for the caller to check by their
  // labels. Nullopt when no matcher narrows the choice: any stream may match.
  std::optional<Ids> Candidates(const model::Matchers& matchers) const;

  // By label name its distinct values, each with the streams that have it.
  using Values = StringMap<Ids>;
  const StringMap<Values>& names() const { return names_; }

 private:
  StringMap<Values> names_;
};

}  // namespace skald::ingester
