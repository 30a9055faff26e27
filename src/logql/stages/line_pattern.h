#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/status.h"
#include "logql/pattern.h"
#include "logql/stages/text_scan.h"

namespace skald::logql {

// Matches lines against the expressions of `| pattern` and `|>`.
//
// Threads: immutable once made; any thread may match.
class LinePattern {
 public:
  // Of ParseCapturePattern or ParseLinePattern.
  explicit LinePattern(std::vector<PatternPart> parts);

  // As `|>` matches.
  bool Matches(std::string_view line) const;

  // As `| pattern` captures: calls found(index, value) for each of the first `count` captures that
  // gets a value, index counting them from 0. Requires: count > 0.
  template <typename F>
  void Capture(std::string_view line, size_t count, F&& found) const;

  // Names of the captures.
  std::vector<std::string> Names() const;
  // The longest literal, which every line that Matches contains. May be empty.
  std::string_view LongestLiteral() const;

 private:
  std::vector<PatternPart> parts_;
  std::vector<SeparatorText> literals_;  // Those of parts_, in their order.
};

template <typename F>
void LinePattern::Capture(std::string_view line, size_t count, F&& found) const {
  size_t part = 0;
  if (!parts_[0].placeholder) {
    if (!line.starts_with(parts_[0].text)) {
      return;
    }
    line.remove_prefix(parts_[0].text.size());
    part = 1;
  }
  size_t index = 0;
  const SeparatorText* literal = literals_.data() + part;
  for (; part < parts_.size(); part += 2, ++literal) {  // A placeholder, then what ends it.
    const bool last = part + 1 == parts_.size();
    const size_t end = last ? std::string_view::npos : literal->FindIn(line);
    if (parts_[part].captures()) {
      found(index++, line.substr(0, end));
      if (index == count) {
        return;
      }
    }
    if (end == std::string_view::npos) {
      return;
    }
    line.remove_prefix(end + literal->size());
  }
}

}  // namespace skald::logql
