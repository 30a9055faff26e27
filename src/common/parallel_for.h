#pragma once

#include <cstddef>
#include <functional>

#include "common/executor.h"
#include "common/status.h"

namespace skald {

// Executor::ParallelFor by `workers` and the caller; by the caller alone, in order and until the
// first error, if there are none.
inline Status ParallelFor(Executor* workers, size_t count,
                          const std::function<Status(size_t)>& body) {
  if (workers != nullptr) return workers->ParallelFor(count, 0, body);
  for (size_t i = 0; i < count; ++i) SKALD_RETURN_IF_ERROR(body(i));
  return {};
}

}  // namespace skald
