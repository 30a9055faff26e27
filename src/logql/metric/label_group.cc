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
    text_bytes_ += labels.encoded().size();
  }
  return it->second;
}

uint32_t LabelNumbers::Find(const model::Labels& labels) const {
  const auto it = numbers_.find(labels.encoded());
  return it == numbers_.end() ? kNone : it->second;
}

std::vector<model::Labels> LabelNumbers::TakeLabels() {
  numbers_.clear();
  text_bytes_ = 0;
  return std::exchange(labels_, {});
}

}  // namespace skald::logql
