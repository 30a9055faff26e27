#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "common/status.h"

namespace skald {

// Replaces ${VAR}, ${VAR:-default}, ${VAR:=default}, ${VAR/old/new}, ${VAR//old/new} and $VAR by
// `lookup`'s answers (unset: empty), $$ by $. kInvalidArgument for an unclosed ${.
Result<std::string> ExpandEnv(std::string_view text,
                              const std::function<const char*(const std::string&)>& lookup);

}  // namespace skald
