#include "logql/answer_stages.h"

#include <algorithm>
#include <cmath>

#include "common/hash.h"
#include "logql/stages/value_text.h"

namespace skald::logql {
namespace {

bool MayDrop(const Stage& stage) {
  return std::holds_alternative<LineFilter>(stage) || std::holds_alternative<LabelFilter>(stage);
}

// Whether a text may be a number of any kind; most that are not are told by their first byte.
bool MayBeNumber(std::string_view text) {
  return std::string_view("0123456789+-.iI").find(text[0]) != std::string_view::npos;
}

// Keeps the first entry of each value.
void KeepDistinct(std::vector<FoundEntry>& entries, size_t stage) {
  ViewMap<bool> seen;
  size_t kept = 0;
  // Views are of texts that stay where they are: of entries that are kept, in their new place.
  for (size_t i = 0; i < entries.size(); ++i) {
    if (seen.contains(entries[i].marks.values[stage].text)) {
      continue;
    }
    if (kept != i) {
      entries[kept] = std::move(entries[i]);
    }
    seen.try_emplace(entries[kept].marks.values[stage].text, true);
    ++kept;
  }
  entries.resize(kept);
}

}  // namespace

MarkedValue ReadMarkedValue(std::string_view text) {
  MarkedValue value;
  value.text = text;
  if (text.empty()) {
    return value;
  }
  if (!MayBeNumber(text)) {
    value.kind = MarkedValue::Kind::kText;
    return value;
  }
  value.kind = MarkedValue::Kind::kNumber;
  if (ParseGoFloat(text, value.number) && !std::isnan(value.number)) {
    return value;
  }
  if (int64_t ns = 0; ParseDurationText(text, ns)) {
    value.number = static_cast<double>(ns) / 1e9;
    return value;
  }
  if (uint64_t bytes = 0; ParseBytesText(text, bytes)) {
    value.number = static_cast<double>(bytes);
    return value;
  }
  value.kind = MarkedValue::Kind::kText;
  return value;
}

bool SortsBefore(const MarkedValue& a, const MarkedValue& b, bool descending) {
  if (a.kind != b.kind) {
    return a.kind < b.kind;
  }
  const MarkedValue& less = descending ? b : a;
  const MarkedValue& more = descending ? a : b;
  return a.kind == MarkedValue::Kind::kNumber ? less.number < more.number : less.text < more.text;
}

AnswerStages::AnswerStages(const std::vector<const Stage*>& stages, size_t limit,
                           model::Direction direction)
    : limit_(limit), direction_(direction) {
  for (const Stage* stage : stages) {
    if (IsAnswerStage(*stage)) {
      stages_.push_back(stage);
      drops_behind_.push_back(false);
    } else if (!stages_.empty() && MayDrop(*stage)) {
      drops_behind_.back() = true;
    }
  }
  while (deciding_ < size() && std::holds_alternative<SortBy>(at(deciding_))) {
    ++deciding_;
  }
  distinct_ = deciding_ < size() && std::holds_alternative<Distinct>(at(deciding_));
  if (!distinct_) {
    cut_ = CutFrom(deciding_);
  } else if (!drops_behind_[deciding_]) {
    cut_ = CutFrom(deciding_ + 1);
  }
}

// The least of the limits that follow one another from `stage` on, the query's own at the end.
size_t AnswerStages::CutFrom(size_t stage) const {
  size_t cut = kNoCut;
  for (; stage < size(); ++stage) {
    const auto* limit = std::get_if<LimitEntries>(&at(stage));
    if (limit == nullptr) {
      return cut;
    }
    cut = std::min<size_t>(cut, limit->count);
    if (drops_behind_[stage]) {
      return cut;
    }
  }
  return std::min(cut, limit_);
}

bool AnswerStages::sorts() const {
  return std::any_of(stages_.begin(), stages_.end(),
                     [](const Stage* stage) { return std::holds_alternative<SortBy>(*stage); });
}

MarkedValue AnswerStages::ReadValue(size_t stage, const RowMarks& marks, size_t row) const {
  if (std::holds_alternative<SortBy>(at(stage))) {
    return ReadMarkedValue(marks.value(stage, row));
  }
  MarkedValue value;
  if (std::holds_alternative<Distinct>(at(stage))) {
    value.kind = MarkedValue::Kind::kText;
    value.text = marks.value(stage, row);
  }
  return value;
}

bool AnswerStages::ByTime(const FoundEntry& a, const FoundEntry& b) const {
  const auto key = [this](const FoundEntry& e) {
    const bool forward = direction_ == model::Direction::kForward;
    return std::make_pair(forward ? e.time_ns : ~e.time_ns, e.tie_key());
  };
  return key(a) < key(b);
}

bool AnswerStages::Before(const FoundEntry& a, const FoundEntry& b) const {
  for (size_t stage = deciding_; stage-- > 0;) {
    const bool descending = std::get<SortBy>(at(stage)).descending;
    const MarkedValue& x = a.marks.values[stage];
    const MarkedValue& y = b.marks.values[stage];
    if (SortsBefore(x, y, descending)) {
      return true;
    }
    if (SortsBefore(y, x, descending)) {
      return false;
    }
  }
  return ByTime(a, b);
}

void AnswerStages::Reduce(std::vector<FoundEntry>& entries) const {
  const auto before = [this](const FoundEntry& a, const FoundEntry& b) { return Before(a, b); };
  if (distinct_) {
    std::sort(entries.begin(), entries.end(), before);
    KeepDistinct(entries, deciding_);
  } else if (cut_ < entries.size()) {
    std::nth_element(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(cut_),
                     entries.end(), before);
  }
  if (cut_ < entries.size()) {
    entries.resize(cut_);
  }
}

void AnswerStages::Finish(std::vector<FoundEntry>& entries) const {
  std::sort(entries.begin(), entries.end(),
            [this](const FoundEntry& a, const FoundEntry& b) { return ByTime(a, b); });
  for (size_t stage = 0; stage < size(); ++stage) {
    std::erase_if(entries, [&](const FoundEntry& e) { return e.marks.reached <= stage; });
    if (const auto* sort = std::get_if<SortBy>(&at(stage))) {
      std::stable_sort(
          entries.begin(), entries.end(), [&](const FoundEntry& a, const FoundEntry& b) {
            return SortsBefore(a.marks.values[stage], b.marks.values[stage], sort->descending);
          });
    } else if (const auto* limit = std::get_if<LimitEntries>(&at(stage))) {
      entries.resize(std::min<size_t>(entries.size(), limit->count));
    } else {
      KeepDistinct(entries, stage);
    }
  }
  std::erase_if(entries, [&](const FoundEntry& e) { return e.marks.reached <= size(); });
  entries.resize(std::min(entries.size(), limit_));
}

}  // namespace skald::logql
