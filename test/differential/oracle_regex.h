#pragma once

#include <memory>
#include <string>

#include "common/regex.h"

namespace skald::differential {

// Compiled, and remembered until there are too many, as it is asked of line after line.
// Requires: the query was parsed, so that its patterns are valid.
//
// Threads: one at a time.
std::shared_ptr<const Regex> RegexOf(const std::string& pattern,
                                     Regex::Anchor anchor = Regex::Anchor::kNone);

}  // namespace skald::differential
