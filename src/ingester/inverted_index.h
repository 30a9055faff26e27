#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "common/hash.h"
#include "model/labels.h"
#include "model/matcher.h"

namespace skald::ingester {

// Ids of streams, ascending. Mostly there is one, and then nothing is allocated for it: labels of
// many values have a list for each.
//
// Threads: as InvertedIndex.
class IdList {
 public:
  using Id = uint32_t;

  void Add(Id id);
  void Remove(Id id);

  bool empty() const { return count_ == 0; }
  size_t size() const { return count_; }
  std::span<const Id> ids() const { return {many_ != nullptr ? many_->data() : &one_, count_}; }

 private:
  uint32_t count_ = 0;
  Id one_ = 0;                             // The only one, if there is no list.
  std::unique_ptr<std::vector<Id>> many_;  // From the second on.
};

// Which streams have which label: names and values to ids of streams.
//
// Threads: not synchronised: its shard's mutex guards it.
// Cost:    four bytes for each label of each stream, and each distinct name and value once.
class InvertedIndex {
 public:
  using Id = IdList::Id;
  using Ids = std::vector<Id>;  // Ascending.

  void Add(Id id, const model::Labels& labels);
  void Remove(Id id, const model::Labels& labels);

  // Streams among which all are that match; which of them do is for the caller to check by their
  // labels. Nullopt when no matcher narrows the choice: any stream may match.
  std::optional<Ids> Candidates(const model::Matchers& matchers) const;

  // By label name its distinct values, each with the streams that have it.
  using Values = StringMap<IdList>;
  const StringMap<Values>& names() const { return names_; }

  // About what it takes.
  size_t memory_bytes() const { return memory_bytes_; }

 private:
  StringMap<Values> names_;
  size_t memory_bytes_ = 0;
};

}  // namespace skald::ingester
