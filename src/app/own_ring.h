#pragma once

#include <string_view>

#include "common/clock.h"
#include "common/status.h"
#include "ring/member_store.h"

namespace skald::app {

// Who this process is in the rings of its parts.
inline constexpr std::string_view kMemberId = "skald";

// Puts this process into the ring of a part, as "ingester", and into the metrics that tell of it.
Status JoinRing(std::string_view part, const Clock& clock, ring::MemberStore& ring);
// Takes it out of both.
Status LeaveRing(std::string_view part, ring::MemberStore& ring);

}  // namespace skald::app
