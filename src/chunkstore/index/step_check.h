#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "common/executor.h"
#include "common/status.h"

namespace skald::chunkstore {

// Of a cursor, or keys looked up, between two looks at the token: a millisecond or two.
inline constexpr uint64_t kStepsPerCheck = 4096;
// What a cursor counts by itself before it counts with the others of its snapshot.
inline constexpr uint64_t kStepsAtOnce = 64;

// Whether the reads of a snapshot are still wanted.
//
// Threads: any thread may call.
struct StepCheck {
  // To be called before each step, or before so many: an error ends the reading.
  Status Check(uint64_t more = 1);
  // The same before what takes as long as many steps.
  Status CheckNow() const { return cancel ? cancel->Check() : Status(); }

  std::optional<CancelToken> cancel;  // Set before it is shared; nothing: always wanted.
  std::atomic<uint64_t> steps = 0;
};

}  // namespace skald::chunkstore
