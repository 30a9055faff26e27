#pragma once

#include <string>
#include <string_view>

#include "common/status.h"

namespace skald {

// The text that a Go string literal stands for: `"..."` with Go's escapes, or `...` raw in
// back-quotes (which lose their carriage returns, as in Go). Both quotes must be there.
// kInvalidArgument: "invalid syntax", Go's words for whatever is wrong.
Result<std::string> GoUnquote(std::string_view literal);

}  // namespace skald
