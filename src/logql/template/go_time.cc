#include "logql/template/go_time.h"

#include <date/tz.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <exception>
#include <string>

namespace skald::logql {
namespace {

constexpr char kLocal = 0;  // Its address stands for the zone of the process.
// Past the tables of zones a time keeps its offset: the year 9999.
constexpr int64_t kLastSecond = 253'402'300'799;

bool IsInTables(int64_t seconds) { return seconds <= kLastSecond && seconds >= -kLastSecond; }

const date::time_zone& Region(const void* location) {
  return *static_cast<const date::time_zone*>(location);
}

// How far a clock must go back into a year that the tables of zones still have, to the same month
// and day of the same weekday: the tables end with 2037, and from then on each year is like
// another. The days before a leap day and those behind it are looked for by themselves, so that one
// of the last years has them: earlier ones had other rules.
int64_t PastTables(int64_t clock_seconds) {
  constexpr int64_t kLastYear = 2037;
  constexpr int64_t kYears = 12;  // Among so many each month begins on each weekday.
  const CivilTime civil = CivilOf(clock_seconds);
  if (civil.year <= kLastYear) return 0;
  const bool is_early = civil.month == 1 || (civil.month == 2 && civil.day < 29);
  const int month = is_early ? 1 : 3;
  const int64_t first = DaysOf(civil.year, month, 1);
  for (int64_t like = kLastYear; like > kLastYear - kYears; --like) {
    const int64_t back = first - DaysOf(like, month, 1);
    if (back % 7 == 0) return back * kDaySeconds;
  }
  return 0;
}

date::sys_info InfoOf(const date::time_zone& region, int64_t seconds) {
  return region.get_info(date::sys_seconds{std::chrono::seconds(seconds - PastTables(seconds))});
}

GoTime InRegion(const date::time_zone& region, int64_t seconds, int32_t nanoseconds) {
  const date::sys_info about = InfoOf(region, seconds);
  GoTime time =
      FixedZoneTime(seconds, nanoseconds, static_cast<int32_t>(about.offset.count()), about.abbrev);
  time.location = &region;
  return time;
}

// As Go calls the zone of the process: by what TZ says.
std::string_view LocalName() {
  const char* const zone = std::getenv("TZ");
  if (zone == nullptr || std::string_view(zone) == "/etc/localtime") return "Local";
  const std::string_view name = zone[0] == ':' ? zone + 1 : zone;
  return name.empty() ? "UTC" : name;
}

GoTime TimeInLocalZone(int64_t clock_seconds, int32_t nanoseconds) {
  const CivilTime civil = CivilOf(clock_seconds);
  std::tm tm{};
  tm.tm_year = static_cast<int>(civil.year - 1900);
  tm.tm_mon = civil.month - 1;
  tm.tm_mday = civil.day;
  tm.tm_hour = civil.hour;
  tm.tm_min = civil.minute;
  tm.tm_sec = civil.second;
  tm.tm_isdst = -1;
  return LocalTime(std::mktime(&tm), nanoseconds);
}

}  // namespace

GoTime UtcTime(int64_t seconds, int32_t nanoseconds) {
  return FixedZoneTime(seconds, nanoseconds, 0, "UTC");
}

GoTime FixedZoneTime(int64_t seconds, int32_t nanoseconds, int32_t offset, std::string_view zone) {
  GoTime time;
  time.seconds = seconds;
  time.nanoseconds = nanoseconds;
  time.offset = offset;
  const size_t length = std::min(zone.size(), sizeof time.zone - 1);
  std::memcpy(time.zone, zone.data(), length);
  time.zone[length] = 0;
  return time;
}

GoTime LocalTime(int64_t seconds, int32_t nanoseconds) {
  const auto moment = static_cast<std::time_t>(seconds);
  std::tm tm{};
  if (localtime_r(&moment, &tm) == nullptr) {
    return UtcTime(seconds, nanoseconds);
  }
  GoTime time = FixedZoneTime(seconds, nanoseconds, static_cast<int32_t>(tm.tm_gmtoff), tm.tm_zone);
  time.location = &kLocal;
  return time;
}

GoTime TimeInZone(int64_t clock_seconds, int32_t nanoseconds, std::string_view zone) {
  if (zone == "Local") {
    return TimeInLocalZone(clock_seconds, nanoseconds);
  }
  try {
    const date::time_zone* found = date::locate_zone(std::string(zone));
    const int64_t back = PastTables(clock_seconds);
    const date::local_seconds clock{std::chrono::seconds(clock_seconds - back)};
    const date::sys_seconds moment = found->to_sys(clock, date::choose::earliest);
    return InRegion(*found, moment.time_since_epoch().count() + back, nanoseconds);
  } catch (const std::exception&) {
    return UtcTime(clock_seconds, nanoseconds);
  }
}

CivilTime CivilOf(const GoTime& time) { return CivilOf(time.seconds + time.offset); }

GoTime TimeLike(const GoTime& like, int64_t seconds, int32_t nanoseconds) {
  if (like.location != nullptr && IsInTables(seconds)) {
    return like.location == &kLocal ? LocalTime(seconds, nanoseconds)
                                    : InRegion(Region(like.location), seconds, nanoseconds);
  }
  GoTime time = like;
  time.seconds = seconds;
  time.nanoseconds = nanoseconds;
  return time;
}

GoTime ClockLike(const GoTime& like, int64_t clock_seconds, int32_t nanoseconds) {
  if (like.location == nullptr || !IsInTables(clock_seconds)) {
    return TimeLike(like, clock_seconds - like.offset, nanoseconds);
  }
  return like.location == &kLocal
             ? TimeInLocalZone(clock_seconds, nanoseconds)
             : TimeInZone(clock_seconds, nanoseconds, Region(like.location).name());
}

bool IsDaylightSaving(const GoTime& time) {
  if (time.location == nullptr || !IsInTables(time.seconds)) return false;
  if (time.location != &kLocal) {
    return InfoOf(Region(time.location), time.seconds).save.count() != 0;
  }
  const auto moment = static_cast<std::time_t>(time.seconds);
  std::tm tm{};
  return localtime_r(&moment, &tm) != nullptr && tm.tm_isdst > 0;
}

std::string_view LocationName(const GoTime& time) {
  if (time.location == nullptr) return time.zone;
  return IsLocal(time) ? LocalName() : Region(time.location).name();
}

bool IsLocal(const GoTime& time) { return time.location == &kLocal; }

}  // namespace skald::logql
