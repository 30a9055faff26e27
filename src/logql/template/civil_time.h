#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace skald::logql {

inline constexpr int64_t kDaySeconds = 86400;

// Fields of the clock and the calendar.
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

// Of a clock that stood at the Unix epoch `clock_seconds` ago; proleptic Gregorian calendar.
CivilTime CivilOf(int64_t clock_seconds);

// Days since the Unix epoch of a date. Requires: `month` is 1 to 12; `day` may be any.
int64_t DaysOf(int64_t year, int month, int day);

// From January, and from Sunday on.
std::span<const std::string_view> MonthNames();
std::span<const std::string_view> WeekdayNames();

}  // namespace skald::logql
