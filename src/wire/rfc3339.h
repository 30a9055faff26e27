#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/status.h"

namespace skald::wire {

// Nanoseconds since the epoch of an RFC 3339 time: "2024-01-01T00:00:00.000000001Z", with an
// optional fraction and any offset; as Go's time.Parse, which also takes a comma for the point, an
// hour of one digit, and 60 minutes in an offset. `parsing time "x" as RFC 3339` is the message of
// kInvalidArgument, and of kOutOfRange for times that do not fit (before 1677, after 2262).
Result<int64_t> ParseRfc3339(std::string_view text);

// Appends the time in UTC with whole seconds, the rest cut off towards the past.
void AppendRfc3339(std::string& out, int64_t time_ns);
// Appends the time in UTC with as many digits of a fraction as it needs.
void AppendRfc3339Nano(std::string& out, int64_t time_ns);

}  // namespace skald::wire
