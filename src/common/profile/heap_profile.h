#pragma once

#include <cstdint>
#include <string_view>

#include "common/clock.h"
#include "common/profile/profile.h"
#include "common/status.h"

namespace skald {

// What memory this process has allocated and still holds, by jemalloc's samples.
// kFailedPrecondition, with what to do about it, where jemalloc does not take any: without it, or
// unless it was told to at the start.
//
// Threads: any thread may call.
// Cost:    writes and reads a temporary file in TMPDIR, or /tmp.
Result<Profile> CollectHeapProfile(const Clock& clock);

// Reads what jemalloc dumps ("heap_v2/..."). kDataLoss names what is no such text.
Result<Profile> ParseHeapDump(std::string_view text);

}  // namespace skald
