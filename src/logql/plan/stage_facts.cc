#include "logql/plan/stage_facts.h"

#include <algorithm>
#include <type_traits>
#include <variant>

namespace skald::logql {
namespace {

template <typename... Kinds>
bool IsOneOf(const Stage& stage) {
  return (std::holds_alternative<Kinds>(stage) || ...);
}

bool Lists(const std::vector<Extraction>& extractions, std::string_view name) {
  return std::any_of(extractions.begin(), extractions.end(),
                     [name](const Extraction& one) { return one.name == name; });
}

Setting SettingOfParser(const std::vector<Extraction>& extractions, std::string_view name) {
  if (extractions.empty()) {
    return Setting::kKeyedText;
  }
  return Lists(extractions, name) ? Setting::kText : Setting::kNever;
}

bool Touches(const LabelFormat& format, std::string_view name) {
  return std::any_of(format.items.begin(), format.items.end(),
                     [name](const LabelFormat::Item& item) {
                       return item.name == name || (item.rename && item.value == name);
                     });
}

struct SettingVisitor {
  std::string_view name;

  Setting operator()(const JsonParser& json) const {
    return SettingOfParser(json.extractions, name);
  }
  Setting operator()(const LogfmtParser& logfmt) const {
    return SettingOfParser(logfmt.extractions, name);
  }
  Setting operator()(const UnpackParser&) const { return Setting::kKeyedText; }
  // Their names are in the expression, not in the line.
  Setting operator()(const RegexpParser&) const { return Setting::kText; }
  Setting operator()(const PatternParser&) const { return Setting::kText; }
  Setting operator()(const LabelFormat& format) const {
    return Touches(format, name) ? Setting::kAnything : Setting::kNever;
  }
  Setting operator()(const LineFilter&) const { return Setting::kNever; }
  Setting operator()(const LabelFilter&) const { return Setting::kNever; }
  Setting operator()(const Decolorize&) const { return Setting::kNever; }
  Setting operator()(const LineFormat&) const { return Setting::kNever; }
  Setting operator()(const DropLabels&) const { return Setting::kNever; }
  Setting operator()(const KeepLabels&) const { return Setting::kNever; }
  template <typename Other>
  Setting operator()(const Other&) const {
    return Setting::kAnything;
  }
};

bool IsByText(const LabelFilter& filter) {
  if (const auto* binary = std::get_if<BinaryLabelFilter>(&filter.node)) {
    return IsByText(*binary->left) && IsByText(*binary->right);
  }
  return std::holds_alternative<StringLabelFilter>(filter.node);
}

struct NameCollector {
  std::vector<std::string>& names;

  void operator()(const StringLabelFilter& f) const { names.push_back(f.matcher.name()); }
  void operator()(const BinaryLabelFilter& f) const {
    std::visit(*this, f.left->node);
    std::visit(*this, f.right->node);
  }
  template <typename Other>
  void operator()(const Other& f) const {
    names.push_back(f.name);
  }
};

}  // namespace

bool ChangesLine(const Stage& stage) {
  return IsOneOf<LineFormat, UnpackParser, Decolorize>(stage);
}

bool ParsesLine(const Stage& stage) {
  return IsOneOf<JsonParser, LogfmtParser, RegexpParser, PatternParser, UnpackParser>(stage);
}

bool IsRowByRow(const Stage& stage) {
  return ParsesLine(stage) || IsOneOf<LineFilter, LabelFilter, Decolorize, LineFormat, LabelFormat,
                                      DropLabels, KeepLabels>(stage);
}

Setting SettingOf(const Stage& stage, std::string_view name) {
  return std::visit(SettingVisitor{name}, stage);
}

bool MayPass(const LabelFilter& filter, const Stage& stage,
             const std::vector<std::string>& stream_labels) {
  if (!IsByText(filter)) {
    return false;
  }
  const std::vector<std::string> names = NamesOf(filter);
  if (std::any_of(names.begin(), names.end(), IsSpecialName)) {
    return false;
  }
  if (IsOneOf<LineFormat, Decolorize>(stage)) {
    return true;
  }
  if (const auto* format = std::get_if<LabelFormat>(&stage)) {
    return std::none_of(names.begin(), names.end(),
                        [&](const std::string& name) { return Touches(*format, name); });
  }
  return ParsesLine(stage) && std::all_of(names.begin(), names.end(), [&](const std::string& name) {
           return std::binary_search(stream_labels.begin(), stream_labels.end(), name);
         });
}

std::vector<std::string> NamesOf(const LabelFilter& filter) {
  std::vector<std::string> names;
  std::visit(NameCollector{names}, filter.node);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

bool IsSpecialName(std::string_view name) {
  return name.find("__") != std::string_view::npos || name.ends_with("_extracted");
}

}  // namespace skald::logql
