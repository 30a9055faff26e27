#pragma once

#include <cstdint>

namespace skald {

// A point in time in UTC, in the proleptic Gregorian calendar.
struct CivilTime {
  int year = 1970;
  int month = 1;  // 1 to 12.
  int day = 1;    // 1 to 31.
  int hour = 0;
  int minute = 0;
  int second = 0;
  int nanos = 0;
};

// Of nanoseconds since the epoch; any value will do.
CivilTime ToCivilTime(int64_t time_ns);

}  // namespace skald
