#include "logql/stages/label_stages.h"

#include <algorithm>

namespace skald::logql {

DropStage::DropStage(const DropLabels& options, LabelColumns& labels) {
  for (const NameOrMatcher& item : options.items) {
    items_.push_back({.slot = labels.Intern(item.name), .matcher = item.matcher});
  }
}

void DropStage::Run(RowSlice& rows) {
  LabelColumns& labels = rows.labels();
  for (const Item& item : items_) {
    for (const uint16_t i : rows.active()) {
      std::string_view value;
      if (labels.Find(item.slot, i, value) && (!item.matcher || item.matcher->Matches(value))) {
        labels.Delete(item.slot, i);
      }
    }
  }
}

KeepStage::KeepStage(const KeepLabels& options, LabelColumns& labels) {
  for (const NameOrMatcher& item : options.items) {
    items_.push_back({.slot = labels.Intern(item.name), .matcher = item.matcher});
  }
}

bool KeepStage::Keeps(Slot slot, std::string_view value) const {
  return std::any_of(items_.begin(), items_.end(), [&](const Item& item) {
    return item.slot == slot && (!item.matcher || item.matcher->Matches(value));
  });
}

void KeepStage::Run(RowSlice& rows) {
  LabelColumns& labels = rows.labels();
  active_ = labels.active();
  for (const Slot slot : active_) {
    if (labels.IsErrorLabel(slot)) {
      continue;
    }
    for (const uint16_t i : rows.active()) {
      std::string_view value;
      if (labels.Find(slot, i, value) && !Keeps(slot, value)) {
        labels.Delete(slot, i);
      }
    }
  }
}

}  // namespace skald::logql
