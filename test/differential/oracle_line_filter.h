#pragma once

#include <string>

#include "logql/ast.h"

namespace skald::differential {

// Whether a line passes `|= "x" or "y"` and its like.
bool KeepsLine(const logql::LineFilter& filter, const std::string& line);

// Whether the text has an address, with a port or without, inside ip("pattern").
bool HasAddressIn(const std::string& pattern, const std::string& text);

}  // namespace skald::differential
