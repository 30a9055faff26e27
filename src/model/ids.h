#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

#include "common/named_type.h"

namespace skald::model {

// A tenant: checked characters, at most 150 bytes, "fake" where there is only one.
using TenantId = NamedType<std::string, struct TenantIdTag>;

// Hash of a stream's labels (Labels::Hash): identifies the stream within its tenant.
using Fingerprint = NamedType<uint64_t, struct FingerprintTag>;

// Nanoseconds since the Unix epoch. Columns of times are plain int64_t in this unit.
using Timestamp = NamedType<int64_t, struct TimestampTag>;

enum class Direction { kForward, kBackward };

// The times t with start <= t < end, in nanoseconds since the epoch.
struct TimeRange {
  int64_t start = 0;
  int64_t end = 0;

  static constexpr TimeRange All() {
    return {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()};
  }

  constexpr bool empty() const { return start >= end; }
  constexpr bool Contains(int64_t t) const { return t >= start && t < end; }
  // Whether some time of [first, last], both included, lies in the range.
  constexpr bool Touches(int64_t first, int64_t last) const { return first < end && last >= start; }
  constexpr TimeRange Intersect(TimeRange other) const {
    return {std::max(start, other.start), std::min(end, other.end)};
  }

  friend constexpr bool operator==(const TimeRange&, const TimeRange&) = default;
};

}  // namespace skald::model
