#include "differential/oracle_stages.h"

#include <re2/re2.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <variant>

#include "common/duration.h"
#include "differential/oracle_line_filter.h"
#include "differential/oracle_parsers.h"
#include "differential/oracle_regex.h"
#include "differential/oracle_values.h"
#include "logql/template/template.h"
#include "logql/template/template_executor.h"

namespace skald::differential {
namespace {

using namespace logql;  // NOLINT: the stages' names.

bool MatchesRegex(const std::string& regex, const std::string& value) {
  return RegexOf(regex, Regex::Anchor::kBoth)->Matches(value);
}

// Compat: `.*x`, `x.*` and `.*x.*` look for x anywhere.
bool MatchesFilterRegex(const std::string& regex, const std::string& value) {
  static const RE2 kLiteral(R"((?:\.\*)?([a-zA-Z0-9_ -]+)(?:\.\*)?)");
  if (regex == ".*") return true;
  std::string literal;
  if (regex.find(".*") != std::string::npos && RE2::FullMatch(regex, kLiteral, &literal)) {
    return value.find(literal) != std::string::npos;
  }
  return MatchesRegex(regex, value);
}

bool Matches(const model::Matcher& matcher, const std::string& value,
             bool (*regex)(const std::string&, const std::string&)) {
  switch (matcher.op()) {
    case model::MatchOp::kEqual:
      return value == matcher.value();
    case model::MatchOp::kNotEqual:
      return value != matcher.value();
    case model::MatchOp::kRegex:
      return regex(matcher.value(), value);
    case model::MatchOp::kNotRegex:
      return !regex(matcher.value(), value);
  }
  return false;
}

template <typename T>
bool Compare(CompareOp op, T a, T b) {
  switch (op) {
    case CompareOp::kEqual:
      return a == b;
    case CompareOp::kNotEqual:
      return a != b;
    case CompareOp::kGreater:
      return a > b;
    case CompareOp::kGreaterEqual:
      return a >= b;
    case CompareOp::kLess:
      return a < b;
    case CompareOp::kLessEqual:
      return a <= b;
  }
  return false;
}

// A filter of values that `parse` understands.
template <typename Parse, typename T>
bool PassesNumeric(const std::string& name, CompareOp op, Parse parse, T wanted, Row& row) {
  const auto text = row.Find(name);
  if (!text) return false;
  const auto value = parse(*text);
  if (!value) {
    if (!row.HasError()) row.SetError("LabelFilterErr");
    return true;
  }
  return Compare(op, static_cast<T>(*value), wanted);
}

struct FilterVisitor {
  Row& row;

  bool operator()(const StringLabelFilter& f) const {
    return Matches(f.matcher, row.Get(f.matcher.name()), MatchesFilterRegex);
  }
  bool operator()(const NumberLabelFilter& f) const {
    return PassesNumeric(f.name, f.op, ParseNumber, f.value, row);
  }
  bool operator()(const DurationLabelFilter& f) const {
    return PassesNumeric(f.name, f.op, ParseNanoseconds, f.nanoseconds, row);
  }
  bool operator()(const BytesLabelFilter& f) const {
    // Compat: sizes are rounded as they are printed.
    return PassesNumeric(f.name, f.op, ParseBytes, *ParseBytes(FormatHumanBytes(f.bytes)), row);
  }
  bool operator()(const IpLabelFilter& f) const {
    const auto text = row.Find(f.name);
    if (!text) return row.HasError();
    return HasAddressIn(f.pattern, *text) != f.negated;
  }
  bool operator()(const BinaryLabelFilter& f) const {
    // The right side is not asked, and sets no error, where the left one decides.
    return f.is_or ? Passes(*f.left, row) || Passes(*f.right, row)
                   : Passes(*f.left, row) && Passes(*f.right, row);
  }
};

// Text of a template on the row's labels; nothing after an error.
std::optional<std::string> RunTemplate(const std::string& text, const Row& row,
                                       const std::map<std::string, LabelValue>& labels) {
  const auto parsed = Template::Parse("line", text);
  std::vector<std::string_view> fields;
  for (const std::string& name : parsed->fields()) {
    const auto it = labels.find(name);
    fields.push_back(it == labels.end() ? std::string_view() : it->second.text);
  }
  TemplateMap all;
  for (const auto& [name, value] : labels) {
    all.members.emplace_back(name, TemplateValue::String(value.text));
  }
  TemplateExecutor executor;
  std::string out;
  const TemplateInput input{
      .fields = fields, .labels = &all, .line = row.line, .time_ns = row.time_ns};
  return executor.Run(*parsed, input, out) ? std::optional(out) : std::nullopt;
}

bool Names(const std::vector<NameOrMatcher>& items, const std::string& name,
           const std::string& value) {
  return std::ranges::any_of(items, [&](const NameOrMatcher& item) {
    return item.name == name && (!item.matcher || Matches(*item.matcher, value, MatchesRegex));
  });
}

bool IsErrorLabel(const std::string& name) {
  return name == kErrorLabel || name == kDetailsLabel || name == kPreserveLabel;
}

struct StageVisitor {
  Row& row;

  bool operator()(const LineFilter& s) const { return KeepsLine(s, row.line); }
  bool operator()(const LabelFilter& s) const { return Passes(s, row); }
  bool operator()(const LineFormat& s) const {
    if (const auto line = RunTemplate(s.text, row, row.labels)) {
      row.line = *line;
    } else {
      row.SetError("TemplateFormatErr");
    }
    return true;
  }
  bool operator()(const LabelFormat& s) const {
    std::optional<std::map<std::string, LabelValue>> seen;  // By the templates.
    for (const LabelFormat::Item& item : s.items) {
      if (item.rename) {
        const auto it = row.labels.find(item.value);
        if (it == row.labels.end()) continue;
        LabelValue moved = it->second;  // Onto itself, too: then it is gone.
        if (moved.category == Category::kMetadata) moved.category = Category::kParsed;
        row.labels[item.name] = moved;
        row.labels.erase(item.value);
        continue;
      }
      if (!seen) seen = row.labels;
      if (const auto text = RunTemplate(item.value, row, *seen)) {
        row.Set(item.name, *text);
      } else {
        row.SetError("TemplateFormatErr");
      }
    }
    return true;
  }
  bool operator()(const Decolorize&) const {
    static const RE2 kColors("\x1b\\[[0-9;]*[a-zA-Z0-9]");
    RE2::GlobalReplace(&row.line, kColors, "");
    return true;
  }
  bool operator()(const DropLabels& s) const {
    std::erase_if(row.labels, [&](const auto& label) {
      return Names(s.items, label.first, label.second.text);
    });
    return true;
  }
  bool operator()(const KeepLabels& s) const {
    std::erase_if(row.labels, [&](const auto& label) {
      return !IsErrorLabel(label.first) && !Names(s.items, label.first, label.second.text);
    });
    return true;
  }
  // Stages over the whole answer, which no row passes by itself. No query here is generated with
  // them; they have a reference of their own beside the engine's tests.
  bool operator()(const Distinct&) const { return false; }
  bool operator()(const SortBy&) const { return false; }
  bool operator()(const LimitEntries&) const { return false; }
  template <typename Parser>
  bool operator()(const Parser& s) const {
    Apply(s, row);
    return true;
  }
};

// Line filters are run as early as no stage forbids it that changes the line or drops rows.
std::vector<const Stage*> InOrderOfRunning(const std::vector<Stage>& stages) {
  std::vector<const Stage*> ordered;
  size_t filters_go = 0;  // Where the next line filter is put.
  for (const Stage& stage : stages) {
    if (std::holds_alternative<LineFilter>(stage)) {
      ordered.insert(ordered.begin() + static_cast<ptrdiff_t>(filters_go++), &stage);
      continue;
    }
    ordered.push_back(&stage);
    if (std::holds_alternative<LineFormat>(stage) || std::holds_alternative<UnpackParser>(stage) ||
        std::holds_alternative<LabelFilter>(stage)) {
      filters_go = ordered.size();
    }
  }
  return ordered;
}

bool IsParser(const Stage& stage) {
  return std::holds_alternative<JsonParser>(stage) || std::holds_alternative<LogfmtParser>(stage) ||
         std::holds_alternative<RegexpParser>(stage) ||
         std::holds_alternative<PatternParser>(stage) ||
         std::holds_alternative<UnpackParser>(stage);
}

// The one label that a filter looks at; "" if it looks at several.
std::string OnlyName(const LabelFilter& filter) {
  const auto name = [](const auto& f) -> std::string {
    using Filter = std::decay_t<decltype(f)>;
    if constexpr (std::is_same_v<Filter, StringLabelFilter>) {
      return f.matcher.name();
    } else if constexpr (std::is_same_v<Filter, BinaryLabelFilter>) {
      return "";
    } else {
      return f.name;
    }
  };
  return std::visit(name, filter.node);
}

bool MayRemove(const Stage& stage, const std::string& name) {
  const auto lists = [&](const auto& s) {
    return std::ranges::find(s.items, name, &NameOrMatcher::name) != s.items.end();
  };
  if (const auto* drop = std::get_if<DropLabels>(&stage)) return lists(*drop);
  const auto* keep = std::get_if<KeepLabels>(&stage);
  return keep != nullptr && !lists(*keep);
}

// Compat: a filter on a label that a drop or keep before it may remove is asked about what the
// parser at `parser` has found as well.
bool PassesEarly(const std::vector<const Stage*>& stages, size_t parser, Row& row) {
  for (size_t i = parser + 1; i < stages.size(); ++i) {
    const auto* filter = std::get_if<LabelFilter>(stages[i]);
    const std::string name = filter == nullptr ? "" : OnlyName(*filter);
    const bool may_be_gone =
        std::any_of(stages.begin() + static_cast<ptrdiff_t>(parser) + 1,
                    stages.begin() + static_cast<ptrdiff_t>(i),
                    [&](const Stage* stage) { return MayRemove(*stage, name); });
    if (row.extracted.contains(name) && may_be_gone && !Passes(*filter, row)) return false;
  }
  return true;
}

bool MentionsError(const LabelFilter& filter) {
  if (const auto* binary = std::get_if<BinaryLabelFilter>(&filter.node)) {
    return MentionsError(*binary->left) || MentionsError(*binary->right);
  }
  const auto* text = std::get_if<StringLabelFilter>(&filter.node);
  return text != nullptr && text->matcher.name() == kErrorLabel;
}

}  // namespace

bool Passes(const LabelFilter& filter, Row& row) {
  return std::visit(FilterVisitor{row}, filter.node);
}

bool RunStages(const std::vector<Stage>& stages, Row& row) {
  const std::vector<const Stage*> ordered = InOrderOfRunning(stages);
  for (size_t i = 0; i < ordered.size(); ++i) {
    if (!std::visit(StageVisitor{row}, *ordered[i])) return false;
    if (IsParser(*ordered[i]) && !PassesEarly(ordered, i, row)) return false;
  }
  return true;
}

bool MentionsError(const LogRange& range) {
  const auto mentions = [](const Stage& stage) {
    if (const auto* filter = std::get_if<LabelFilter>(&stage)) return MentionsError(*filter);
    const auto* keep = std::get_if<KeepLabels>(&stage);
    return keep != nullptr && std::ranges::any_of(keep->items, [](const NameOrMatcher& item) {
             return item.name == kErrorLabel;
           });
  };
  return std::ranges::any_of(range.log.stages, mentions) ||
         (range.unwrap && std::ranges::any_of(range.unwrap->filters, [](const LabelFilter& f) {
            return MentionsError(f);
          }));
}

std::vector<Row> Select(const model::Matchers& matchers, const DataSet& data,
                        ParserErrors parser_errors) {
  std::vector<Row> rows;
  for (const Stream& stream : data.streams) {
    const bool matches = std::ranges::all_of(matchers, [&](const model::Matcher& matcher) {
      const auto it = stream.labels.find(matcher.name());
      return Matches(matcher, it == stream.labels.end() ? "" : it->second, MatchesRegex);
    });
    if (!matches) continue;
    std::vector<Entry> entries;
    for (const Entry& entry : stream.entries) {
      if (std::ranges::find(entries, entry) == entries.end()) entries.push_back(entry);
    }
    std::ranges::stable_sort(entries, {}, &Entry::time_ns);
    for (const Entry& entry : entries) {
      Row& row = rows.emplace_back();
      row.time_ns = entry.time_ns;
      row.line = entry.line;
      row.stream = stream.labels;
      row.parser_errors = parser_errors;
      for (const auto& [name, value] : stream.labels) row.Set(name, value, Category::kStream);
      for (const auto& [name, value] : entry.metadata) {
        const bool taken = stream.labels.contains(name);
        row.Set(taken ? name + "_extracted" : name, value, Category::kMetadata);
      }
    }
  }
  return rows;
}

}  // namespace skald::differential
