#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "common/status.h"

namespace skald {

// Replaces $VAR, ${VAR}, ${VAR:-default} (also with := or = or : alone; it may hold variables),
// ${VAR/old/new}, ${VAR//old/new}, ${VAR^}, ${VAR^^}, ${VAR,} and ${VAR,,} by `lookup`'s answers
// (unset: empty), $$ by $. kInvalidArgument for an unclosed ${ and for other operators.
Result<std::string> ExpandEnv(std::string_view text,
                              const std::function<const char*(const std::string&)>& lookup);

}  // namespace skald
