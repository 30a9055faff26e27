#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/hash.h"
#include "model/labels.h"

namespace skald::logql {

// `labels` with only the names listed, or (`without`) with all others.
model::Labels ProjectLabels(const model::Labels& labels, const std::vector<std::string>& names,
                            bool without);

// Numbers distinct label sets in the order they come.
//
// Threads: not synchronised.
class LabelNumbers {
 public:
  static constexpr uint32_t kNone = ~uint32_t{0};

  uint32_t Number(const model::Labels& labels);
  // kNone if `labels` has no number.
  uint32_t Find(const model::Labels& labels) const;
  const std::vector<model::Labels>& labels() const { return labels_; }
  // Leaves none behind.
  std::vector<model::Labels> TakeLabels();
  size_t size() const { return labels_.size(); }
  // Bytes of memory held, roughly.
  size_t MemoryBytes() const { return 2 * text_bytes_ + labels_.size() * kOneBytes; }

 private:
  // Of a set besides its text: an entry of the map with its node, and a place in the list.
  static constexpr size_t kOneBytes = 128;

  StringMap<uint32_t> numbers_;  // By Labels::encoded().
  std::vector<model::Labels> labels_;
  size_t text_bytes_ = 0;  // Of all Labels::encoded().
};

}  // namespace skald::logql
