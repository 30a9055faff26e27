#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/status.h"
#include "loadgen/payload.h"

namespace skald::loadgen {

struct PushOptions {
  std::string url = "http://127.0.0.1:3100";
  std::string tenant;  // X-Scope-OrgID; none when empty.
  uint32_t connections = 4;
  double megabytes_per_second =
      0;  // Line bytes (10^6), over all connections; 0: as fast as it goes.
};

struct LoadReport {
  uint64_t payloads = 0;
  uint64_t lines = 0;
  uint64_t line_bytes = 0;
  uint64_t body_bytes = 0;
  uint64_t errors = 0;
  std::string first_error;
  double seconds = 0;
  std::vector<double> latencies_ms;  // Ascending, one an acknowledged payload.

  double Percentile(double p) const;
};

// Makes all payloads and pushes them. A refused payload counts as an error and is not repeated.
// kUnavailable when no payload could be pushed at all.
Result<LoadReport> PushLoad(const LoadOptions& load, const PushOptions& push);

}  // namespace skald::loadgen
