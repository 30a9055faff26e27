#pragma once

#include "common/limits.h"
#include "common/status.h"

namespace skald::app {

// What of limits cannot be checked value by value: selectors that must parse, times, words of a
// list. kInvalidArgument names the key.
Status CheckLimits(const Limits& limits);

}  // namespace skald::app
