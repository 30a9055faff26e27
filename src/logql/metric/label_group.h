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
  size_t size() const { return labels_.size(); }

 private:
  StringMap<uint32_t> numbers_;  // By Labels::encoded().
  std::vector<model::Labels> labels_;
};

}  // namespace skald::logql
