#pragma once

#include <bit>
#include <cstdint>

namespace skald::model {

// The value by which Prometheus is told that a series has ended: a NaN that no arithmetic gives.
inline constexpr uint64_t kStaleMarkerBits = 0x7ff0000000000002;

inline double StaleMarker() { return std::bit_cast<double>(kStaleMarkerBits); }
inline bool IsStaleMarker(double value) {
  return std::bit_cast<uint64_t>(value) == kStaleMarkerBits;
}

}  // namespace skald::model
