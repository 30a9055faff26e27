#include "logql/plan/line_requirements.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "common/regex.h"
#include "logql/pattern.h"
#include "logql/plan/stage_facts.h"

// What a label filter behind a parser tells of the line.
//
// `| json | status="500"` keeps an entry whose label status is `500`. If the label is not one of
// the stream or of the structured metadata, `json` has set it: so the line holds a key `status` and
// a value `500`, but not always as these bytes, since JSON may spell a character as an escape.
//
//   - An ASCII character other than " \ / and the control characters is spelled as itself or as
//     \u00XX. So a run of such characters is in the line as it is, or the line has `\u00` in it.
//     Ignoring case, K and long s stand for k and s: they may be there as \u212a and \u017f.
//   - What is no UTF-8 turns into blanks, so blanks end a run.
//   - `_` ends a run of a key: it stands for many characters, and joins keys of nested objects.
//
// Numbers keep their spelling, so they need no care; comparisons by number say nothing of the text,
// only that the label is there. Captures of `regexp` and `pattern` are bytes of the line as they
// are, which the same rule covers; their names are not in the line. `label_format` may set
// anything. A parser behind a stage that has changed the line has not read what is stored.

namespace skald::logql {
namespace {

constexpr std::string_view kAsciiEscape = "\\u00";
constexpr std::string_view kKelvinEscape = "\\u21";
constexpr std::string_view kLongSEscape = "\\u01";

bool IsUseless(const std::vector<std::string>& any_of) {
  return any_of.empty() || std::any_of(any_of.begin(), any_of.end(),
                                       [](const std::string& text) { return text.empty(); });
}

void Unite(std::vector<std::string>& all, std::vector<std::string> more) {
  for (std::string& text : more) {
    if (std::find(all.begin(), all.end(), text) == all.end()) {
      all.push_back(std::move(text));
    }
  }
}

// What one alternative of a filter requires; nothing if it may match without any known text.
std::optional<model::RequiredLiteral> RequiredBy(LineFilterOp op, const LineFilterArg& arg) {
  model::RequiredLiteral required;
  if (arg.ip) {
    return std::nullopt;
  }
  if (op == LineFilterOp::kContains) {
    required.any_of = {arg.text};
  } else if (op == LineFilterOp::kRegex) {
    const auto regex = Regex::Compile(arg.text);
    if (!regex.ok()) {
      return std::nullopt;
    }
    required.any_of = (*regex)->required_literals().any_of;
    required.fold_case = (*regex)->required_literals().fold_case;
  } else if (op == LineFilterOp::kPattern) {
    std::string longest;
    for (PatternPart& part : SplitPattern(arg.text)) {
      if (!part.placeholder && part.text.size() > longest.size()) {
        longest = std::move(part.text);
      }
    }
    required.any_of = {std::move(longest)};
  }
  return IsUseless(required.any_of) ? std::nullopt : std::optional(std::move(required));
}

std::optional<model::RequiredLiteral> RequiredBy(const LineFilter& filter) {
  model::RequiredLiteral all;
  for (const LineFilterArg& arg : filter.alternatives) {
    std::optional<model::RequiredLiteral> one = RequiredBy(filter.op, arg);
    if (!one || (!all.any_of.empty() && one->fold_case != all.fold_case)) {
      return std::nullopt;
    }
    all.fold_case = one->fold_case;
    Unite(all.any_of, std::move(one->any_of));
  }
  return all;
}

// The longest run of characters for which `stays(c)` is true.
template <typename F>
std::string LongestRun(std::string_view text, F&& stays) {
  std::string_view longest;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = begin;
    while (end < text.size() && stays(text[end])) {
      ++end;
    }
    if (end - begin > longest.size()) {
      longest = text.substr(begin, end - begin);
    }
    begin = end + 1;
  }
  return std::string(longest);
}

bool StaysInValue(char c) { return c > ' ' && c < '\x7f' && c != '"' && c != '\\' && c != '/'; }
bool StaysInName(char c) { return c != '_'; }

// How a label may come to be what a filter sees.
struct Origin {
  bool known = true;    // Only from stream, metadata, or text of the line.
  bool parsed = false;  // Some stage may set it.
  bool keyed = true;    // If parsed, its name is in the line.
};

Origin OriginOf(std::string_view name, const std::vector<const Stage*>& before) {
  if (IsSpecialName(name)) {
    return {.known = false};
  }
  Origin origin;
  bool line_changed = false;
  for (const Stage* stage : before) {
    const Setting setting = SettingOf(*stage, name);
    if (setting == Setting::kAnything || (setting != Setting::kNever && line_changed)) {
      return {.known = false};
    }
    origin.parsed = origin.parsed || setting != Setting::kNever;
    origin.keyed = origin.keyed && setting != Setting::kText;
    line_changed = line_changed || ChangesLine(*stage);
  }
  return origin;
}

model::LabelLiteral MakeLiteral(std::string_view label, std::vector<std::string> any_of,
                                bool fold_case) {
  Unite(any_of, {std::string(kAsciiEscape)});
  if (fold_case) {
    Unite(any_of, {std::string(kKelvinEscape), std::string(kLongSEscape)});
  }
  return {.literal = {.any_of = std::move(any_of), .fold_case = fold_case},
          .unless_labels = {std::string(label)}};
}

void AddValues(std::string_view name, const std::vector<std::string>& values, bool fold_case,
               LabelRequirements& found) {
  std::vector<std::string> runs;
  for (const std::string& value : values) {
    Unite(runs, {LongestRun(value, StaysInValue)});
  }
  if (!IsUseless(runs)) {
    found.values.push_back(MakeLiteral(name, std::move(runs), fold_case));
  }
}

// What a filter by text that "" does not pass requires beyond the label's presence.
void AddText(const model::Matcher& matcher, const Origin& origin, LabelRequirements& found) {
  std::vector<std::string> values;
  bool fold_case = false;
  if (matcher.op() == model::MatchOp::kEqual) {
    values = {matcher.value()};
  } else if (const std::vector<std::string>* set = matcher.literal_set(); set != nullptr) {
    values = *set;
  }
  if (!IsUseless(values)) {
    found.labels[0].any_of = values;
  } else if (matcher.op() == model::MatchOp::kRegex) {
    const auto regex = Regex::Compile(matcher.value(), Regex::Anchor::kBoth);
    if (regex.ok()) {
      values = (*regex)->required_literals().any_of;
      fold_case = (*regex)->required_literals().fold_case;
    }
  }
  if (origin.parsed) {
    AddValues(matcher.name(), values, fold_case, found);
  }
}

LabelRequirements Presence(std::string_view name, const Origin& origin) {
  LabelRequirements found;
  found.labels.push_back({.name = std::string(name), .any_of = {}, .may_be_parsed = origin.parsed});
  if (origin.parsed && origin.keyed) {
    if (std::string run = LongestRun(name, StaysInName); !run.empty()) {
      found.keys.push_back(MakeLiteral(name, {std::move(run)}, false));
    }
  }
  return found;
}

// The literal that tells most: the one whose shortest alternative is longest.
const model::LabelLiteral* Best(const std::vector<model::LabelLiteral>& literals) {
  const auto shortest = [](const model::LabelLiteral& one) {
    size_t size = one.literal.any_of.front().size();
    for (const std::string& text : one.literal.any_of) {
      size = std::min(size, text.size());
    }
    return size;
  };
  const auto best =
      std::max_element(literals.begin(), literals.end(),
                       [&](const auto& a, const auto& b) { return shortest(a) < shortest(b); });
  return best == literals.end() ? nullptr : &*best;
}

void AddEither(const std::vector<model::LabelLiteral>& left,
               const std::vector<model::LabelLiteral>& right,
               std::vector<model::LabelLiteral>& found) {
  const model::LabelLiteral* a = Best(left);
  const model::LabelLiteral* b = Best(right);
  if (a == nullptr || b == nullptr || a->literal.fold_case != b->literal.fold_case) {
    return;
  }
  model::LabelLiteral either = *a;
  Unite(either.literal.any_of, b->literal.any_of);
  Unite(either.unless_labels, b->unless_labels);
  found.push_back(std::move(either));
}

LabelRequirements Either(const LabelRequirements& left, const LabelRequirements& right) {
  LabelRequirements found;
  AddEither(left.values, right.values, found.values);
  AddEither(left.keys, right.keys, found.keys);
  for (const model::RequiredLabel& a : left.labels) {
    for (const model::RequiredLabel& b : right.labels) {
      if (a.name != b.name) {
        continue;
      }
      model::RequiredLabel either = a;
      if (b.any_of.empty()) {
        either.any_of.clear();
      } else if (!either.any_of.empty()) {
        Unite(either.any_of, b.any_of);
      }
      found.labels.push_back(std::move(either));
    }
  }
  return found;
}

struct FilterVisitor {
  const std::vector<const Stage*>& before;

  LabelRequirements operator()(const StringLabelFilter& f) const {
    const Origin origin = OriginOf(f.matcher.name(), before);
    if (!origin.known || f.matcher.MatchesEmpty()) {
      return {};
    }
    LabelRequirements found = Presence(f.matcher.name(), origin);
    AddText(f.matcher, origin, found);
    return found;
  }
  LabelRequirements operator()(const NumberLabelFilter& f) const { return ByNumber(f.name); }
  LabelRequirements operator()(const DurationLabelFilter& f) const { return ByNumber(f.name); }
  LabelRequirements operator()(const BytesLabelFilter& f) const { return ByNumber(f.name); }
  // An entry with an error passes without the label.
  LabelRequirements operator()(const IpLabelFilter&) const { return {}; }
  LabelRequirements operator()(const BinaryLabelFilter& f) const {
    LabelRequirements left = std::visit(*this, f.left->node);
    LabelRequirements right = std::visit(*this, f.right->node);
    if (f.is_or) {
      return Either(left, right);
    }
    Append(std::move(right), left);
    return left;
  }

  // A label that is there passes also if it is no number: it gets an error then.
  LabelRequirements ByNumber(std::string_view name) const {
    return RequirementsOfPresence(name, before);
  }
};

}  // namespace

std::vector<model::RequiredLiteral> LiteralsOfLineFilters(const std::vector<const Stage*>& stages) {
  std::vector<model::RequiredLiteral> literals;
  for (const Stage* stage : stages) {
    if (ChangesLine(*stage) || !IsRowByRow(*stage)) {
      break;
    }
    if (const auto* filter = std::get_if<LineFilter>(stage)) {
      if (std::optional<model::RequiredLiteral> required = RequiredBy(*filter)) {
        literals.push_back(*std::move(required));
      }
    }
  }
  return literals;
}

LabelRequirements RequirementsOf(const LabelFilter& filter,
                                 const std::vector<const Stage*>& before) {
  return std::visit(FilterVisitor{before}, filter.node);
}

LabelRequirements RequirementsOfPresence(std::string_view name,
                                         const std::vector<const Stage*>& before) {
  const Origin origin = OriginOf(name, before);
  return origin.known ? Presence(name, origin) : LabelRequirements();
}

void Append(LabelRequirements more, LabelRequirements& all) {
  std::move(more.labels.begin(), more.labels.end(), std::back_inserter(all.labels));
  std::move(more.values.begin(), more.values.end(), std::back_inserter(all.values));
  std::move(more.keys.begin(), more.keys.end(), std::back_inserter(all.keys));
}

}  // namespace skald::logql
