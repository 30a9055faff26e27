#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"

namespace skald::logql {

// A piece of the expressions of `| pattern` and `|>`: text to be found as it is, or a placeholder.
struct PatternPart {
  bool placeholder = false;
  std::string text;  // The literal, or the placeholder's name; "_" keeps nothing.

  bool captures() const { return placeholder && text != "_"; }
  friend bool operator==(const PatternPart&, const PatternPart&) = default;
};

// `<name>` and `<_>` are placeholders, the name being a label's; all else is literal, so that two
// literals never touch. Whatever text is given, it is a pattern.
std::vector<PatternPart> SplitPattern(std::string_view text);

// As `| pattern` demands: one capture at least, no two placeholders that touch, no name twice.
// kInvalidArgument: `at least one capture is required` ...
Result<std::vector<PatternPart>> ParseCapturePattern(std::string_view text);

// As `|>` and `!>` demand: no captures, no two placeholders that touch. kInvalidArgument.
Result<std::vector<PatternPart>> ParseLinePattern(std::string_view text);

}  // namespace skald::logql
