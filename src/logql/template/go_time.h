#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skald::logql {

// A moment with the zone it is shown in, as Go's time.Time: any year from 1 to 9999.
struct GoTime {
  int64_t seconds = -62135596800;  // Since the Unix epoch; the default is Go's zero time.
  int32_t nanoseconds = 0;         // 0 to 999999999.
  int32_t offset = 0;              // Of the zone, seconds east of Greenwich.
  char zone[8] = "UTC";            // Its abbreviation.

  bool IsZero() const { return seconds == -62135596800 && nanoseconds == 0; }
  int64_t UnixNanos() const { return seconds * 1'000'000'000 + nanoseconds; }
};

// In the zone of the process.
GoTime LocalTime(int64_t seconds, int32_t nanoseconds);
GoTime UtcTime(int64_t seconds, int32_t nanoseconds);

// Fields of the clock and the calendar in the time's zone.
struct CivilTime {
  int64_t year = 1;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int weekday = 1;   // 0 is Sunday.
  int year_day = 1;  // From 1.
};
CivilTime CivilOf(const GoTime& time);
std::string_view MonthName(int month);
std::string_view WeekdayName(int weekday);

// Appends `time` in a layout by example, Go's "2006-01-02T15:04:05.000Z07:00".
void AppendGoTime(std::string& out, const GoTime& time, std::string_view layout);

// Reads a time in such a layout; without a zone in the text it is one of `zone`: "Local", or a
// name of the time zone database (an unknown one counts as UTC). Nothing if the text does not fit.
std::optional<GoTime> ParseGoTime(std::string_view layout, std::string_view text,
                                  std::string_view zone);

}  // namespace skald::logql
