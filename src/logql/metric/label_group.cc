#include "logql/metric/label_group.h"

#include <algorithm>
#include <utility>

namespace skald::logql {

model::Labels ProjectLabels(const model::Labels& labels, const std::vector<std::string>& names,
                            bool without) {
  std::vector<model::LabelView> kept;
  for (const model::LabelView label : labels) {
    const bool listed = std::find(names.begin(), names.end(), label.name) != names.end();
    if (listed != without) {
      kept.push_back(label);
    }
  }
  return model::Labels(std::move(kept));
}

uint32_t LabelNumbers::Number(const model::Labels& labels) {
  const auto [it, added] =
      numbers_.try_emplace(std::string(labels.encoded()), static_cast<uint32_t>(labels_.size()));
  if (added) {
    labels_.push_back(labels);
  }
  return it->second;
}

uint32_t LabelNumbers::Find(const model::Labels& labels) const {
  const auto it = numbers_.find(labels.encoded());
  return it == numbers_.end() ? kNone : it->second;
}

}  // namespace skald::logql
