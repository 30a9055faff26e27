#include "logql/template/go_time.h"

#include <date/tz.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <ctime>
#include <exception>
#include <string>

namespace skald::logql {
namespace {

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
  return FixedZoneTime(seconds, nanoseconds, static_cast<int32_t>(tm.tm_gmtoff), tm.tm_zone);
}

GoTime TimeInZone(int64_t clock_seconds, int32_t nanoseconds, std::string_view zone) {
  if (zone == "Local") {
    return TimeInLocalZone(clock_seconds, nanoseconds);
  }
  try {
    const date::time_zone* found = date::locate_zone(std::string(zone));
    const date::local_seconds clock{std::chrono::seconds(clock_seconds)};
    const date::sys_seconds moment = found->to_sys(clock, date::choose::earliest);
    const date::sys_info about = found->get_info(moment);
    return FixedZoneTime(moment.time_since_epoch().count(), nanoseconds,
                         static_cast<int32_t>(about.offset.count()), about.abbrev);
  } catch (const std::exception&) {
    return UtcTime(clock_seconds, nanoseconds);
  }
}

CivilTime CivilOf(const GoTime& time) { return CivilOf(time.seconds + time.offset); }

}  // namespace skald::logql
