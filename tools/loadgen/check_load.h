#pragma once

#include <cstdint>
#include <string>

#include "common/status.h"
#include "loadgen/payload.h"
#include "loadgen/push_load.h"

namespace skald::loadgen {

struct CheckReport {
  uint64_t lines = 0;    // That were to be found.
  uint64_t queries = 0;  // That it took.
  uint64_t wrong = 0;    // Lines missing, changed or not pushed.
  std::string first_wrong;
  double seconds = 0;
};

// Reads back, stream by stream, what PushLoad of the same options pushed, and compares every time
// and line; of `push`, URL, tenant and connections count. The lines of the server's streams in
// between must be these and no others.
// Errors: kInvalidArgument: pushes of one stream overlap in time, so that pages cannot be cut
// between them; kUnavailable: a query failed.
Result<CheckReport> CheckLoad(const LoadOptions& load, const PushOptions& push);

}  // namespace skald::loadgen
