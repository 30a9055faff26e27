#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/status.h"
#include "model/ids.h"
#include "net/http_types.h"
#include "querier/query_request.h"

namespace skald::api {

// Readers of the parameters that many endpoints share. All of them answer kInvalidArgument with
// the text that clients are shown.

// Unix seconds (ten digits or fewer, or with a fraction, of which milliseconds count), unix
// nanoseconds, or an RFC 3339 time; in nanoseconds since the epoch. What is before 1678 or after
// 2261, where nanoseconds end, counts as that end (an integer beyond 64 bits is an error): it means
// "from ever" and "for ever".
Result<int64_t> ParseTime(std::string_view text);

// Seconds with a fraction, or Prometheus' durations; in nanoseconds.
Result<int64_t> ParseStep(std::string_view text);

struct TimeBounds {
  int64_t start_ns = 0;
  int64_t end_ns = 0;
};
// `start`, `end` and `since`: the hour before now by default. Refuses an end before the start.
Result<TimeBounds> ReadBounds(const net::Form& form, int64_t now_ns);

// `step` in whole milliseconds; by default one that makes some 250 points, of whole seconds.
Result<int64_t> ReadStep(const net::Form& form, const TimeBounds& bounds);

// A positive number of 32 bits, as `limit` and `line_limit` are.
Result<uint32_t> ReadLimit(const net::Form& form, std::string_view name, uint32_t fallback);

// All of /query_range and all of /query but for what headers say.
Result<querier::QueryRequest> ReadRangeQuery(const net::Form& form, int64_t now_ns);
Result<querier::QueryRequest> ReadInstantQuery(const net::Form& form, int64_t now_ns);

// All of a tail's but for what headers say: the newest entries since the start, an hour ago by
// default, up to now and a little beyond, as clocks differ.
Result<querier::QueryRequest> ReadTailQuery(const net::Form& form, int64_t now_ns);
// `delay_for`: up to five whole seconds, in nanoseconds.
Result<int64_t> ReadTailDelay(const net::Form& form);

}  // namespace skald::api
