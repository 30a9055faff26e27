#pragma once

#include <cstdint>
#include <string>

namespace skald::ingester {

// A label by which there are many streams.
struct WideLabel {
  std::string name;
  uint64_t values = 0;   // Distinct ones.
  uint64_t streams = 0;  // Of the tenant, in memory.
};

}  // namespace skald::ingester
