#include "logql/stages/label_filter.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/duration.h"
#include "logql/stages/ip_range.h"
#include "logql/stages/value_text.h"

namespace skald::logql {
namespace {

constexpr std::string_view kLabelFilterError = "LabelFilterErr";

template <typename T>
bool Compare(CompareOp op, T left, T right) {
  switch (op) {
    case CompareOp::kEqual:
      return left == right;
    case CompareOp::kNotEqual:
      return left != right;
    case CompareOp::kGreater:
      return left > right;
    case CompareOp::kGreaterEqual:
      return left >= right;
    case CompareOp::kLess:
      return left < right;
    case CompareOp::kLessEqual:
      return left <= right;
  }
  return false;
}

bool IsPlainText(std::string_view text) {
  return text.find_first_of("\\.+*?()|[]{}^$") == std::string_view::npos;
}

// What `=~` on a label means.
// Compat: texts with `.*` at an end are taken as "contains" there, not as anchored.
class RegexMeaning {
 public:
  explicit RegexMeaning(const std::string& pattern) {
    if (pattern == ".+") {
      kind_ = Kind::kNonEmpty;
      return;
    }
    std::string_view text = pattern;
    bool open = false;
    while (text.starts_with(".*")) {
      text.remove_prefix(2);
      open = true;
    }
    while (text.ends_with(".*")) {
      text.remove_suffix(2);
      open = true;
    }
    if (open && IsPlainText(text)) {
      kind_ = Kind::kContains;
      text_ = text;
    }
  }

  bool Matches(const model::Matcher& matcher, std::string_view value) const {
    switch (kind_) {
      case Kind::kRegex:
        return matcher.Matches(value);
      case Kind::kContains:
        return (value.find(text_) != std::string_view::npos) ==
               (matcher.op() == model::MatchOp::kRegex);
      case Kind::kNonEmpty:
        return value.empty() != (matcher.op() == model::MatchOp::kRegex);
    }
    return false;
  }

 private:
  enum class Kind { kRegex, kContains, kNonEmpty };
  Kind kind_ = Kind::kRegex;
  std::string text_;
};

enum Verdict : uint8_t { kFails, kHolds, kMissing, kBad, kUnknown };

// A condition on one label's value alone. What the last value gave is remembered, and what each
// value of a metadata column gave. A Judge has
//   Verdict operator()(const std::string_view* value) const;  // Null: there is no such label.
//   std::string ErrorText(std::string_view value) const;      // Why the verdict was kBad.
//   static constexpr bool kErrorsPass;  // Rows that have an error pass if they lack the label.
// A row keeps the first error that it is given.
template <typename Judge>
class ValueCondition final : public LabelCondition {
 public:
  ValueCondition(Slot slot, Judge judge) : slot_(slot), judge_(std::move(judge)) {}

  void Select(RowSlice& rows, const RowList& candidates, RowList& passed) override {
    LabelColumns& labels = rows.labels();
    const model::MetadataColumn* column = labels.PureMetadata(slot_);
    if (column != nullptr && batch_ != rows.batch_id()) {
      by_code_.assign(column->values.size() + 1, kUnknown);
      batch_ = rows.batch_id();
    }
    last_ = std::nullopt;
    for (const uint16_t i : candidates) {
      const Verdict verdict =
          column != nullptr ? JudgeCode(labels, *column, i) : JudgeRow(labels, i);
      if (verdict == kHolds || (verdict == kBad && MarkBad(rows, i)) ||
          (Judge::kErrorsPass && verdict == kMissing && labels.HasError(i))) {
        passed.push_back(i);
      }
    }
  }

 private:
  Verdict JudgeCode(const LabelColumns& labels, const model::MetadataColumn& column, size_t i) {
    Verdict& known = by_code_[column.codes[labels.BlockRow(i)]];
    if (known == kUnknown) {
      known = JudgeRow(labels, i);
    }
    return known;
  }

  bool MarkBad(RowSlice& rows, size_t i) {
    if (!rows.labels().HasError(i)) {
      const std::string text = judge_.ErrorText(rows.labels().Get(slot_, i));
      rows.labels().SetError(i, kLabelFilterError, rows.arena().Copy(text));
    }
    return true;
  }

  Verdict JudgeRow(const LabelColumns& labels, size_t i) {
    std::string_view value;
    if (!labels.Find(slot_, i, value)) {
      return judge_(nullptr);
    }
    if (!last_ || *last_ != value) {
      last_verdict_ = judge_(&value);
      last_ = value;
    }
    return last_verdict_;
  }

  const Slot slot_;
  const Judge judge_;
  uint64_t batch_ = 0;  // That by_code_ is about.
  std::vector<Verdict> by_code_;
  std::optional<std::string_view> last_;
  Verdict last_verdict_ = kFails;
};

struct StringJudge {
  static constexpr bool kErrorsPass = false;
  model::Matcher matcher;
  std::optional<RegexMeaning> regex;

  explicit StringJudge(const model::Matcher& m) : matcher(m) {
    if (m.op() == model::MatchOp::kRegex || m.op() == model::MatchOp::kNotRegex) {
      regex.emplace(m.value());
    }
  }
  Verdict operator()(const std::string_view* value) const {
    const std::string_view text = value == nullptr ? std::string_view() : *value;
    return (regex ? regex->Matches(matcher, text) : matcher.Matches(text)) ? kHolds : kFails;
  }
  std::string ErrorText(std::string_view) const { return {}; }
};

template <ValueKind kKind, typename T, bool (*kParse)(std::string_view, T&)>
struct NumericJudge {
  static constexpr bool kErrorsPass = false;
  CompareOp op;
  T bound;

  Verdict operator()(const std::string_view* value) const {
    if (value == nullptr) {
      return kMissing;
    }
    T number{};
    if (!kParse(*value, number)) {
      return kBad;
    }
    return Compare(op, number, bound) ? kHolds : kFails;
  }
  std::string ErrorText(std::string_view value) const { return ValueErrorText(kKind, value); }
};
using NumberJudge = NumericJudge<ValueKind::kNumber, double, ParseGoFloat>;
using DurationJudge = NumericJudge<ValueKind::kDuration, int64_t, ParseDurationText>;
using BytesJudge = NumericJudge<ValueKind::kBytes, uint64_t, ParseBytesText>;

struct IpJudge {
  static constexpr bool kErrorsPass = true;
  bool negated;
  IpRange range;

  Verdict operator()(const std::string_view* value) const {
    if (value == nullptr) {
      return kMissing;
    }
    return range.MatchesLine(*value) != negated ? kHolds : kFails;
  }
  std::string ErrorText(std::string_view) const { return {}; }
};

class AndCondition final : public LabelCondition {
 public:
  AndCondition(std::unique_ptr<LabelCondition> left, std::unique_ptr<LabelCondition> right)
      : left_(std::move(left)), right_(std::move(right)) {}

  void Select(RowSlice& rows, const RowList& candidates, RowList& passed) override {
    both_.clear();
    left_->Select(rows, candidates, both_);
    right_->Select(rows, both_, passed);
  }

 private:
  std::unique_ptr<LabelCondition> left_;
  std::unique_ptr<LabelCondition> right_;
  RowList both_;
};

class OrCondition final : public LabelCondition {
 public:
  OrCondition(std::unique_ptr<LabelCondition> left, std::unique_ptr<LabelCondition> right)
      : left_(std::move(left)), right_(std::move(right)) {}

  void Select(RowSlice& rows, const RowList& candidates, RowList& passed) override {
    by_left_.clear();
    by_right_.clear();
    others_.clear();
    left_->Select(rows, candidates, by_left_);
    std::set_difference(candidates.begin(), candidates.end(), by_left_.begin(), by_left_.end(),
                        std::back_inserter(others_));
    right_->Select(rows, others_, by_right_);
    std::merge(by_left_.begin(), by_left_.end(), by_right_.begin(), by_right_.end(),
               std::back_inserter(passed));
  }

 private:
  std::unique_ptr<LabelCondition> left_;
  std::unique_ptr<LabelCondition> right_;
  RowList by_left_;
  RowList by_right_;
  RowList others_;
};

using MadeCondition = Result<std::unique_ptr<LabelCondition>>;

struct ConditionMaker {
  LabelColumns& labels;

  template <typename Judge>
  MadeCondition On(std::string_view name, Judge judge) const {
    return std::unique_ptr<LabelCondition>(
        std::make_unique<ValueCondition<Judge>>(labels.Intern(name), std::move(judge)));
  }
  MadeCondition operator()(const StringLabelFilter& f) const {
    return On(f.matcher.name(), StringJudge(f.matcher));
  }
  MadeCondition operator()(const NumberLabelFilter& f) const {
    return On(f.name, NumberJudge{f.op, f.value});
  }
  MadeCondition operator()(const DurationLabelFilter& f) const {
    return On(f.name, DurationJudge{f.op, f.nanoseconds});
  }
  MadeCondition operator()(const BytesLabelFilter& f) const {
    // Compat: the reference passes filters on in their canonical spelling, which rounds sizes.
    uint64_t bytes = f.bytes;
    ParseBytesText(FormatHumanBytes(f.bytes), bytes);
    return On(f.name, BytesJudge{f.op, bytes});
  }
  MadeCondition operator()(const IpLabelFilter& f) const {
    SKALD_ASSIGN_OR_RETURN(const IpRange range, IpRange::Parse(f.pattern));
    return On(f.name, IpJudge{f.negated, range});
  }
  MadeCondition operator()(const BinaryLabelFilter& f) const {
    SKALD_ASSIGN_OR_RETURN(auto left, MakeLabelCondition(*f.left, labels));
    SKALD_ASSIGN_OR_RETURN(auto right, MakeLabelCondition(*f.right, labels));
    if (f.is_or) {
      return std::unique_ptr<LabelCondition>(
          std::make_unique<OrCondition>(std::move(left), std::move(right)));
    }
    return std::unique_ptr<LabelCondition>(
        std::make_unique<AndCondition>(std::move(left), std::move(right)));
  }
};

}  // namespace

Result<std::unique_ptr<LabelCondition>> MakeLabelCondition(const LabelFilter& filter,
                                                           LabelColumns& labels) {
  return std::visit(ConditionMaker{labels}, filter.node);
}

void LabelFilterStage::Run(RowSlice& rows) {
  passed_.clear();
  condition_->Select(rows, rows.active(), passed_);
  rows.SwapActive(passed_);
}

}  // namespace skald::logql
