#pragma once

#include <string_view>

#include "common/status.h"

namespace skald::logql {

// kInvalidArgument `parse error : <message>`.
Status ParseError(std::string_view message);

// kInvalidArgument `parse error at line <line>, col <column>: <message>`; both 0 mean that there
// is no position.
Status ParseErrorAt(int line, int column, std::string_view message);

}  // namespace skald::logql
