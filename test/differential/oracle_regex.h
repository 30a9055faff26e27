#pragma once

#include <memory>
#include <string>

#include "common/regex.h"

namespace skald::differential {

// Compiled; the patterns asked for last are remembered, as they are asked of line after line.
// Requires: the query was parsed, so that its patterns are valid.
//
// Threads: one at a time.
std::shared_ptr<const Regex> RegexOf(const std::string& pattern,
                                     Regex::Anchor anchor = Regex::Anchor::kNone);

}  // namespace skald::differential
