#include "logql/stages/early_filter.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

namespace skald::logql {
namespace {

// The label that a filter looks at; null if there may be several.
const std::string* OnlyName(const LabelFilter& filter) {
  struct Visitor {
    const std::string* operator()(const StringLabelFilter& f) const { return &f.matcher.name(); }
    const std::string* operator()(const NumberLabelFilter& f) const { return &f.name; }
    const std::string* operator()(const DurationLabelFilter& f) const { return &f.name; }
    const std::string* operator()(const BytesLabelFilter& f) const { return &f.name; }
    const std::string* operator()(const IpLabelFilter& f) const { return &f.name; }
    const std::string* operator()(const BinaryLabelFilter&) const { return nullptr; }
  };
  return std::visit(Visitor{}, filter.node);
}

bool Lists(const std::vector<NameOrMatcher>& items, const std::string& name) {
  return std::any_of(items.begin(), items.end(),
                     [&](const NameOrMatcher& item) { return item.name == name; });
}

bool MayRemove(const Stage& stage, const std::string& name) {
  if (const auto* drop = std::get_if<DropLabels>(&stage)) {
    return Lists(drop->items, name);
  }
  const auto* keep = std::get_if<KeepLabels>(&stage);
  return keep != nullptr && !Lists(keep->items, name);
}

}  // namespace

std::vector<const LabelFilter*> EarlyFilters(const std::vector<const Stage*>& stages,
                                             size_t parser) {
  std::vector<const LabelFilter*> early;
  for (size_t at = parser + 1; at < stages.size() && !IsAnswerStage(*stages[at]); ++at) {
    const auto* filter = std::get_if<LabelFilter>(stages[at]);
    const std::string* name = filter == nullptr ? nullptr : OnlyName(*filter);
    if (name != nullptr &&
        std::any_of(stages.begin() + static_cast<std::ptrdiff_t>(parser) + 1,
                    stages.begin() + static_cast<std::ptrdiff_t>(at),
                    [&](const Stage* stage) { return MayRemove(*stage, *name); })) {
      early.push_back(filter);
    }
  }
  return early;
}

Result<std::unique_ptr<BatchStage>> EarlyFilterStage::Make(const LabelFilter& filter,
                                                           LabelColumns& labels) {
  SKALD_ASSIGN_OR_RETURN(auto condition, MakeLabelCondition(filter, labels));
  return std::unique_ptr<BatchStage>(
      new EarlyFilterStage(labels.Intern(*OnlyName(filter)), std::move(condition)));
}

void EarlyFilterStage::Run(RowSlice& rows) {
  judged_.clear();
  passed_.clear();
  kept_.clear();
  std::copy_if(rows.active().begin(), rows.active().end(), std::back_inserter(judged_),
               [&](uint16_t i) { return rows.labels().WasExtracted(slot_, i); });
  condition_->Select(rows, judged_, passed_);
  std::vector<uint16_t> failed;
  std::set_difference(judged_.begin(), judged_.end(), passed_.begin(), passed_.end(),
                      std::back_inserter(failed));
  std::set_difference(rows.active().begin(), rows.active().end(), failed.begin(), failed.end(),
                      std::back_inserter(kept_));
  rows.SwapActive(kept_);
}

}  // namespace skald::logql
