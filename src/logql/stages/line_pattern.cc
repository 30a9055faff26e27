#include "logql/stages/line_pattern.h"

namespace skald::logql {

LinePattern::LinePattern(std::vector<PatternPart> parts) : parts_(std::move(parts)) {
  for (const PatternPart& part : parts_) {
    if (!part.placeholder) {
      literals_.emplace_back(part.text);
    }
  }
}

bool LinePattern::Matches(std::string_view line) const {
  if (parts_.empty()) {
    return line.empty();
  }
  // Each placeholder takes at least one byte and as few as the next literal allows, even where a
  // longer one would let the last literal end the line.
  bool after_placeholder = false;
  for (size_t i = 0; i < parts_.size(); ++i) {
    if (parts_[i].placeholder) {
      after_placeholder = true;
      continue;
    }
    const std::string& literal = parts_[i].text;
    const size_t at = line.find(literal, after_placeholder ? 1 : 0);
    if (at == std::string_view::npos) {
      return false;
    }
    line.remove_prefix(at + literal.size());
    after_placeholder = false;
  }
  return after_placeholder != line.empty();
}

std::vector<std::string> LinePattern::Names() const {
  std::vector<std::string> names;
  for (const PatternPart& part : parts_) {
    if (part.captures()) {
      names.push_back(part.text);
    }
  }
  return names;
}

std::string_view LinePattern::LongestLiteral() const {
  std::string_view longest;
  for (const PatternPart& part : parts_) {
    if (!part.placeholder && part.text.size() > longest.size()) {
      longest = part.text;
    }
  }
  return longest;
}

}  // namespace skald::logql
