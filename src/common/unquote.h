#pragma once

#include <string>
#include <string_view>

#include "common/status.h"

namespace skald {

// The text that a string literal stands for: in double quotes with Go's escapes, in single quotes
// likewise (of any length, as Prometheus has it), or raw in back-quotes (which lose their carriage
// returns, as in Go). Both quotes must be there.
// kInvalidArgument: "invalid syntax", Go's words for whatever is wrong.
Result<std::string> GoUnquote(std::string_view literal);

}  // namespace skald
