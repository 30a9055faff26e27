#pragma once

#include <cstdint>
#include <string_view>

#include "logql/template/civil_time.h"

namespace skald::logql {

// A moment with the zone it is shown in, as Go's time.Time: any year from 1 to 9999.
struct GoTime {
  int64_t seconds = -62135596800;  // Since the Unix epoch; the default is Go's zero time.
  int32_t nanoseconds = 0;         // 0 to 999999999.
  int32_t offset = 0;              // Of the zone, seconds east of Greenwich.
  char zone[8] = "UTC";            // Its abbreviation.
  // Whose clocks a time made from this one is shown by: the process's, a region's, or, if null,
  // those of the offset. Only go_time.cc looks at what it points to.
  const void* location = nullptr;

  bool IsZero() const { return seconds == -62135596800 && nanoseconds == 0; }
  // Since the Unix epoch; wraps around for years past 2262, as in Go.
  int64_t UnixNanos() const { return UnixIn(1'000'000'000); }
  int64_t UnixMicros() const { return UnixIn(1'000'000); }
  int64_t UnixMillis() const { return UnixIn(1'000); }

  // In parts of which a second has so many.
  int64_t UnixIn(int32_t parts) const {
    return static_cast<int64_t>(static_cast<uint64_t>(seconds) * static_cast<uint64_t>(parts) +
                                static_cast<uint64_t>(nanoseconds / (1'000'000'000 / parts)));
  }
};

// In the zone of the process.
GoTime LocalTime(int64_t seconds, int32_t nanoseconds);
GoTime UtcTime(int64_t seconds, int32_t nanoseconds);
// In a zone of its own; the name is cut to 7 characters.
GoTime FixedZoneTime(int64_t seconds, int32_t nanoseconds, int32_t offset, std::string_view zone);

// The moment at which the clocks of `zone` show what a clock in UTC shows at `clock_seconds`. The
// zone is "Local", or a name of the time zone database; an unknown one counts as UTC.
GoTime TimeInZone(int64_t clock_seconds, int32_t nanoseconds, std::string_view zone);

// In the time's zone.
CivilTime CivilOf(const GoTime& time);

// Another moment, and the one at which the clocks show that, where `like` is.
GoTime TimeLike(const GoTime& like, int64_t seconds, int32_t nanoseconds);
GoTime ClockLike(const GoTime& like, int64_t clock_seconds, int32_t nanoseconds);

// Whether the clocks are on summer time.
bool IsDaylightSaving(const GoTime& time);
// "UTC", "Europe/Berlin", "Local" where TZ is not set, an abbreviation, or "" for an offset without
// a name.
std::string_view LocationName(const GoTime& time);
// Whether the time is in the zone of the process.
bool IsLocal(const GoTime& time);

}  // namespace skald::logql
