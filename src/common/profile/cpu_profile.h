#pragma once

#include <chrono>

#include "common/clock.h"
#include "common/executor.h"
#include "common/profile/profile.h"
#include "common/status.h"

namespace skald {

// Watches for `duration` what this process spends its processor time on, 100 times a second of it,
// and returns that; blocks so long. kUnavailable if someone else is at it: there is one clock of
// that kind in a process. What `cancel` says, if it ends the wait.
//
// Callers of code that keeps no frame pointers (libraries of the system) may be missing or wrong;
// Skald's own code keeps them.
//
// Threads: any thread may call.
// Cost:    some microseconds a sample; a mebibyte, kept from the first call on.
Result<Profile> CollectCpuProfile(const Clock& clock, std::chrono::nanoseconds duration,
                                  const CancelToken& cancel);

}  // namespace skald
