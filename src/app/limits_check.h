#pragma once

#include <string_view>

#include "common/limits.h"
#include "common/status.h"
#include "model/matcher.h"

namespace skald::app {

// What of limits cannot be checked value by value: selectors that must parse, times, words of a
// list. kInvalidArgument names the key.
Status CheckLimits(const Limits& limits);

// A selector of `retention_stream`, which may match every stream.
Result<model::Matchers> ParseRetentionSelector(std::string_view text);

}  // namespace skald::app
