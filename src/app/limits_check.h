#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/limits.h"
#include "common/status.h"
#include "model/matcher.h"

namespace skald::app {

// What of limits cannot be checked value by value: selectors that must parse, times, words of a
// list. kInvalidArgument names the key.
Status CheckLimits(const Limits& limits);

// What of limits does not have the effect that it seems to, a line each, which begins with its key.
std::vector<std::string> LimitsWarnings(const Limits& limits);

// A selector of `retention_stream`, which may match every stream.
Result<model::Matchers> ParseRetentionSelector(std::string_view text);

}  // namespace skald::app
