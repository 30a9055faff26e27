#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "common/hash.h"
#include "ingester/id_list.h"
#include "ingester/value_table.h"
#include "model/labels.h"
#include "model/matcher.h"

namespace skald::ingester {

// Which streams have which label: names and values to ids of streams.
//
// Threads: not synchronised: its shard's mutex guards it.
// Cost:    four bytes for each label of each stream, and each distinct value once (ValueTable).
class InvertedIndex {
 public:
  using Id = IdList::Id;
  using Ids = std::vector<Id>;  // Ascending.

  void Add(Id id, const model::Labels& labels);
  void Remove(Id id, const model::Labels& labels);

  // Streams among which all are that match; which of them do is for the caller to check by their
  // labels. Nullopt when no matcher narrows the choice: any stream may match.
  std::optional<Ids> Candidates(const model::Matchers& matchers) const;

  // By label name its values, at least one.
  const StringMap<ValueTable>& names() const { return names_; }

  // About what it takes.
  size_t memory_bytes() const { return memory_bytes_; }

 private:
  StringMap<ValueTable> names_;
  size_t memory_bytes_ = 0;
};

}  // namespace skald::ingester
