#include "logql/stages/label_set.h"

#include <utility>
#include <vector>

namespace skald::logql {
namespace {

template <typename F>
model::Labels Collect(const LabelColumns& labels, size_t i, F&& wanted) {
  std::vector<model::LabelView> set;
  for (const Slot slot : labels.active()) {
    std::string_view value;
    LabelCategory category;
    if (labels.Find(slot, i, value, category) && wanted(category)) {
      set.push_back({labels.name(slot), value});
    }
  }
  return model::Labels(std::move(set));
}

}  // namespace

model::Labels LabelSet(const LabelColumns& labels, size_t i) {
  return Collect(labels, i, [](LabelCategory) { return true; });
}

model::Labels LabelSet(const LabelColumns& labels, size_t i, LabelCategory category) {
  return Collect(labels, i, [category](LabelCategory c) { return c == category; });
}

}  // namespace skald::logql
