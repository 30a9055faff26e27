#include "logql/stages/capture_stages.h"

#include <string>

namespace skald::logql {
namespace {

bool IsWanted(const LabelNeeds& needs, const std::string& name) {
  return needs.Wants(name) || needs.Wants(name + "_extracted");
}

}  // namespace

Result<std::unique_ptr<BatchStage>> RegexpStage::Make(const RegexpParser& options,
                                                      const LabelNeeds& needs,
                                                      LabelColumns& labels) {
  std::unique_ptr<RegexpStage> stage(new RegexpStage());
  SKALD_ASSIGN_OR_RETURN(stage->regex_, Regex::Compile(options.pattern));
  const std::vector<std::string>& names = stage->regex_->group_names();
  for (size_t g = 1; g < names.size(); ++g) {
    if (!names[g].empty() && IsWanted(needs, names[g])) {
      stage->wanted_.emplace_back(g, labels.Intern(names[g]));
    }
  }
  return std::unique_ptr<BatchStage>(std::move(stage));
}

void RegexpStage::Run(RowSlice& rows) {
  for (const uint16_t i : rows.active()) {
    const std::string_view line = rows.Line(i);
    if (!regex_->Find(line, 0, groups_)) {
      continue;
    }
    for (const auto& [group, slot] : wanted_) {
      const auto [begin, end] = groups_[group];
      const std::string_view value =
          begin < 0 ? std::string_view()
                    : line.substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin));
      rows.labels().AddParsed(slot, i, value);
    }
  }
}

Result<std::unique_ptr<BatchStage>> PatternStage::Make(const PatternParser& options,
                                                       const LabelNeeds& needs,
                                                       LabelColumns& labels) {
  SKALD_ASSIGN_OR_RETURN(std::vector<PatternPart> parts, ParseCapturePattern(options.pattern));
  std::unique_ptr<PatternStage> stage(new PatternStage(LinePattern(std::move(parts))));
  for (const std::string& name : stage->pattern_.Names()) {
    stage->slots_.push_back(IsWanted(needs, name) ? labels.Intern(name) : kNoSlot);
  }
  while (!stage->slots_.empty() && stage->slots_.back() == kNoSlot) {
    stage->slots_.pop_back();
  }
  return std::unique_ptr<BatchStage>(std::move(stage));
}

void PatternStage::Run(RowSlice& rows) {
  if (slots_.empty()) {
    return;
  }
  for (const uint16_t i : rows.active()) {
    pattern_.Capture(rows.Line(i), slots_.size(), [&](size_t capture, std::string_view value) {
      if (slots_[capture] != kNoSlot) {
        rows.labels().AddParsed(slots_[capture], i, value);
      }
    });
  }
}

}  // namespace skald::logql
