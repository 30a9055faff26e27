#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "differential/data_set.h"

namespace skald::differential {

inline const std::string kErrorLabel = "__error__";
inline const std::string kDetailsLabel = "__error_details__";
inline const std::string kPreserveLabel = "__preserve_error__";

// Whether a parser's failure makes an error of a row. The contract lets metric queries overlook it
// where what they need of a line stands before the fault.
enum class ParserErrors { kCount, kOverlook };

enum class Category { kStream, kMetadata, kParsed };

struct LabelValue {
  std::string text;
  Category category = Category::kStream;
};

// An entry on its way through the stages of a query.
struct Row {
  int64_t time_ns = 0;
  std::string line;
  std::map<std::string, LabelValue> labels;
  LabelMap stream;                  // Labels of its stream, whatever was done to `labels`.
  std::set<std::string> extracted;  // Names that parsers have set.
  ParserErrors parser_errors = ParserErrors::kCount;

  std::optional<std::string> Find(const std::string& name) const {
    const auto it = labels.find(name);
    return it == labels.end() ? std::nullopt : std::optional(it->second.text);
  }
  // "" when there is no such label.
  std::string Get(const std::string& name) const { return Find(name).value_or(""); }
  bool HasError() const { return !Get(kErrorLabel).empty(); }

  void Set(const std::string& name, std::string text, Category category = Category::kParsed) {
    labels[name] = {std::move(text), category};
  }
  void SetError(const std::string& error) {
    Set(kErrorLabel, error);
    Set(kDetailsLabel, "?");  // Texts for people: tests of the stages know them.
  }

  void SetParserError(const std::string& error) {
    if (parser_errors == ParserErrors::kCount) SetError(error);
  }

  LabelMap AllLabels() const {
    LabelMap all;
    for (const auto& [name, value] : labels) all[name] = value.text;
    return all;
  }
  LabelMap LabelsOf(Category category) const {
    LabelMap some;
    for (const auto& [name, value] : labels) {
      if (value.category == category) some[name] = value.text;
    }
    return some;
  }
};

}  // namespace skald::differential
