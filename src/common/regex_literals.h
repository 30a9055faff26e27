#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/regex.h"

namespace skald {

// What can be said of a regular expression's matches from its text alone.
struct RegexLiterals {
  // All texts that match, when they are few and the expression has no assertions or folding.
  std::optional<std::vector<std::string>> exact;
  Regex::RequiredLiterals required;
  // Of an expression that is nothing but alternatives under (?i): these, lower-cased. A text that
  // contains one, whatever the case of its ASCII letters, matches; others may match as well.
  std::vector<std::string> sufficient;
  // An empty text matches, whatever stands around it: every text has a match.
  bool matches_all = false;
};

// Requires: `pattern` is valid RE2 syntax; what is not understood yields nothing.
RegexLiterals AnalyseLiterals(std::string_view pattern);

}  // namespace skald
