#pragma once

#include "common/limits.h"
#include "common/status.h"

namespace skald::app {

// Holds the structures among a tenant's limits against what they must look like: a rule that is
// written where a list of rules is wanted, or whose `pattern` is misspelt, would hold for nothing,
// or for all. Members that are like none that is known are passed over, as all unknown limits are.
// kInvalidArgument: `blocked_queries: line 3: a list is wanted`. What texts say is not looked at.
Status CheckLimitsShapes(const Limits& limits);

}  // namespace skald::app
