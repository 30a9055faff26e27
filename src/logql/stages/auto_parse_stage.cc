#include "logql/stages/auto_parse_stage.h"

#include <algorithm>
#include <string_view>

#include "logql/stages/json_text.h"

namespace skald::logql {
namespace {

bool BeginsAsObject(std::string_view line) {
  const char* const end = line.data() + line.size();
  const char* const p = SkipJsonSpace(line.data(), end);
  return p != end && *p == '{';
}

}  // namespace

AutoParseStage::AutoParseStage(const LabelNeeds& needs, LabelColumns& labels)
    : labels_(labels),
      error_(labels.Intern(kErrorLabel)),
      details_(labels.Intern(kErrorDetailsLabel)),
      json_(needs, labels),
      logfmt_(LogfmtParser(), needs, labels),
      is_json_(kSliceRows) {}

void AutoParseStage::Run(RowSlice& rows) {
  SplitRows(rows);
  if (!json_rows_.empty()) {
    rows.SwapActive(json_rows_);
    json_.Run(rows);
    rows.SwapActive(json_rows_);
    TakeBackBroken();
  }
  if (!other_rows_.empty()) {
    rows.SwapActive(other_rows_);
    logfmt_.Run(rows);
    rows.SwapActive(other_rows_);
  }
}

void AutoParseStage::SplitRows(const RowSlice& rows) {
  json_rows_.clear();
  other_rows_.clear();
  for (const uint16_t i : rows.active()) {
    const bool json = BeginsAsObject(rows.Line(i));
    is_json_[i] = json ? 1 : 0;
    (json ? json_rows_ : other_rows_).push_back(i);
  }
}

void AutoParseStage::TakeBackBroken() {
  if (!labels_.any_error()) {
    return;
  }
  const size_t others = other_rows_.size();
  for (const uint16_t i : json_rows_) {
    if (labels_.Error(i) == kJsonParserError) {
      TakeBack(i);
      is_json_[i] = 0;
      other_rows_.push_back(i);
    }
  }
  std::inplace_merge(other_rows_.begin(), other_rows_.begin() + static_cast<std::ptrdiff_t>(others),
                     other_rows_.end());
}

void AutoParseStage::TakeBack(size_t i) {
  for (const Slot slot : labels_.active()) {
    if (labels_.WasExtracted(slot, i)) {
      labels_.UndoParsed(slot, i);
    }
  }
  labels_.UndoParsed(error_, i);
  labels_.UndoParsed(details_, i);
}

}  // namespace skald::logql
