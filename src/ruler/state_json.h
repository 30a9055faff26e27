#pragma once

#include <string_view>
#include <vector>

#include "common/status.h"
#include "ruler/state_record.h"

namespace skald::ruler {

// The alerts of all groups as the first version wrote them, whole, at each change:
//
//   {"version":1,"saved_at":NS,"groups":[{"tenant","namespace","group","saved_at","rules":[{"rule",
//    "labels","alerts":[{"labels","annotations","value","state","active_at","fired_at",
//    "resolved_at","keep_firing_since","last_sent"}]}]}]}
//
// Times in nanoseconds; a group without saved_at has that of all; values are texts, as JSON has no
// infinity; state is 0, 1 or 2. kDataLoss for anything else.
Result<std::vector<SavedGroup>> DecodeStateJson(std::string_view json);

}  // namespace skald::ruler
