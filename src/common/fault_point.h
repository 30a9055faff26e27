#pragma once

#include <atomic>
#include <string_view>

namespace skald {

// Places at which a test can have the process killed, to see what a crash just there leaves behind.
// SKALD_FAULT_POINT=name:n in the environment kills it, as SIGKILL does, at the n-th pass of the
// point of that name.
//
// Threads: any thread may pass.
// Cost:    one load and a branch that is never taken, unless a point is armed.

inline std::atomic<bool> fault_points_armed = false;

// Reads the environment. Called once, before other threads are begun.
void ArmFaultPoints();
void PassArmedFaultPoint(std::string_view name);

inline void FaultPoint(std::string_view name) {
  if (fault_points_armed.load(std::memory_order_relaxed)) [[unlikely]]
    PassArmedFaultPoint(name);
}

}  // namespace skald
