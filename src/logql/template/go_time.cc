#include "logql/template/go_time.h"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <ctime>
#include <exception>

namespace skald::logql {
namespace {

constexpr int64_t kDaySeconds = 86400;
constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> kWeekdays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                       "Thursday", "Friday", "Saturday"};

// Days since the epoch of a date of the proleptic Gregorian calendar. Years are counted from March,
// so that the leap day is a year's last.
int64_t DaysOf(int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
         719468;
}

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

void SetZone(GoTime& time, int32_t offset, std::string_view name) {
  time.offset = offset;
  const size_t length = std::min(name.size(), sizeof time.zone - 1);
  std::memcpy(time.zone, name.data(), length);
  time.zone[length] = 0;
}

// The element of a layout that `layout` begins with; its length, 0 for a plain character.
enum class Element {
  kNone,
  kLongMonth,
  kMonth,
  kNumMonth,
  kZeroMonth,
  kLongWeekday,
  kWeekday,
  kDay,
  kBlankDay,
  kZeroDay,
  kBlankYearDay,
  kZeroYearDay,
  kHour24,
  kHour12,
  kZeroHour12,
  kMinute,
  kZeroMinute,
  kSecond,
  kZeroSecond,
  kLongYear,
  kYear,
  kUpperHalf,
  kLowerHalf,
  kZoneName,
  kZoneZ,        // Z for UTC, else numbers: Z0700 Z07:00 Z07 Z070000 Z07:00:00
  kZoneNumbers,  // -0700 -07:00 -07 -070000 -07:00:00
  kFraction0,    // .000
  kFraction9,    // .999
};

struct LayoutItem {
  std::string_view text;
  Element element = Element::kNone;
};

// Longer texts come before those that they begin with.
constexpr LayoutItem kItems[] = {
    {"January", Element::kLongMonth},
    {"Jan", Element::kMonth},
    {"Monday", Element::kLongWeekday},
    {"MST", Element::kZoneName},
    {"Mon", Element::kWeekday},
    {"002", Element::kZeroYearDay},
    {"01", Element::kZeroMonth},
    {"02", Element::kZeroDay},
    {"03", Element::kZeroHour12},
    {"04", Element::kZeroMinute},
    {"05", Element::kZeroSecond},
    {"06", Element::kYear},
    {"15", Element::kHour24},
    {"1", Element::kNumMonth},
    {"2006", Element::kLongYear},
    {"2", Element::kDay},
    {"__2", Element::kBlankYearDay},
    {"_2", Element::kBlankDay},
    {"3", Element::kHour12},
    {"4", Element::kMinute},
    {"5", Element::kSecond},
    {"PM", Element::kUpperHalf},
    {"pm", Element::kLowerHalf},
    {"-07:00:00", Element::kZoneNumbers},
    {"-070000", Element::kZoneNumbers},
    {"-07:00", Element::kZoneNumbers},
    {"-0700", Element::kZoneNumbers},
    {"-07", Element::kZoneNumbers},
    {"Z07:00:00", Element::kZoneZ},
    {"Z070000", Element::kZoneZ},
    {"Z07:00", Element::kZoneZ},
    {"Z0700", Element::kZoneZ},
    {"Z07", Element::kZoneZ},
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

LayoutItem NextItem(std::string_view layout) {
  if ((layout[0] == '.' || layout[0] == ',') && layout.size() > 1 &&
      (layout[1] == '0' || layout[1] == '9')) {
    size_t end = 1;
    while (end < layout.size() && layout[end] == layout[1]) {
      ++end;
    }
    if (end == layout.size() || !IsDigit(layout[end])) {
      return {layout.substr(0, end), layout[1] == '0' ? Element::kFraction0 : Element::kFraction9};
    }
  }
  if (layout.starts_with("_2006")) {
    return {layout.substr(0, 1), Element::kNone};
  }
  for (const LayoutItem& item : kItems) {
    if (layout.starts_with(item.text)) {
      return {layout.substr(0, item.text.size()), item.element};
    }
  }
  return {layout.substr(0, 1), Element::kNone};
}

void AppendPadded(std::string& out, int64_t value, size_t width, char pad) {
  const std::string digits = std::to_string(value);
  if (digits.size() < width) {
    out.append(width - digits.size(), pad);
  }
  out += digits;
}

void AppendFraction(std::string& out, int32_t nanoseconds, std::string_view item, bool trim) {
  std::string digits;
  AppendPadded(digits, nanoseconds, 9, '0');
  digits.resize(std::min<size_t>(item.size() - 1, 9));
  while (trim && !digits.empty() && digits.back() == '0') {
    digits.pop_back();
  }
  if (!digits.empty()) {
    out.push_back(item[0]);
    out += digits;
  }
}

void AppendOffset(std::string& out, int32_t offset, std::string_view item) {
  if (item[0] == 'Z' && offset == 0) {
    out.push_back('Z');
    return;
  }
  const int32_t magnitude = offset < 0 ? -offset : offset;
  const bool colon = item.find(':') != std::string_view::npos;
  out.push_back(offset < 0 ? '-' : '+');
  AppendPadded(out, magnitude / 3600, 2, '0');
  if (item.size() > 3) {
    out.append(colon ? ":" : "");
    AppendPadded(out, magnitude / 60 % 60, 2, '0');
  }
  if (item.size() > 6) {
    out.append(colon ? ":" : "");
    AppendPadded(out, magnitude % 60, 2, '0');
  }
}

void AppendElement(std::string& out, const GoTime& time, const CivilTime& civil, LayoutItem item) {
  const int hour12 = civil.hour % 12 == 0 ? 12 : civil.hour % 12;
  switch (item.element) {
    case Element::kNone:
      out += item.text;
      break;
    case Element::kLongMonth:
      out += MonthName(civil.month);
      break;
    case Element::kMonth:
      out += MonthName(civil.month).substr(0, 3);
      break;
    case Element::kNumMonth:
      AppendPadded(out, civil.month, 1, '0');
      break;
    case Element::kZeroMonth:
      AppendPadded(out, civil.month, 2, '0');
      break;
    case Element::kLongWeekday:
      out += WeekdayName(civil.weekday);
      break;
    case Element::kWeekday:
      out += WeekdayName(civil.weekday).substr(0, 3);
      break;
    case Element::kDay:
      AppendPadded(out, civil.day, 1, '0');
      break;
    case Element::kBlankDay:
      AppendPadded(out, civil.day, 2, ' ');
      break;
    case Element::kZeroDay:
      AppendPadded(out, civil.day, 2, '0');
      break;
    case Element::kBlankYearDay:
      AppendPadded(out, civil.year_day, 3, ' ');
      break;
    case Element::kZeroYearDay:
      AppendPadded(out, civil.year_day, 3, '0');
      break;
    case Element::kHour24:
      AppendPadded(out, civil.hour, 2, '0');
      break;
    case Element::kHour12:
      AppendPadded(out, hour12, 1, '0');
      break;
    case Element::kZeroHour12:
      AppendPadded(out, hour12, 2, '0');
      break;
    case Element::kMinute:
      AppendPadded(out, civil.minute, 1, '0');
      break;
    case Element::kZeroMinute:
      AppendPadded(out, civil.minute, 2, '0');
      break;
    case Element::kSecond:
      AppendPadded(out, civil.second, 1, '0');
      break;
    case Element::kZeroSecond:
      AppendPadded(out, civil.second, 2, '0');
      break;
    case Element::kLongYear:
      AppendPadded(out, civil.year, 4, '0');
      break;
    case Element::kYear:
      AppendPadded(out, civil.year % 100, 2, '0');
      break;
    case Element::kUpperHalf:
      out += civil.hour >= 12 ? "PM" : "AM";
      break;
    case Element::kLowerHalf:
      out += civil.hour >= 12 ? "pm" : "am";
      break;
    case Element::kZoneName:
      out += time.zone;
      break;
    case Element::kZoneZ:
    case Element::kZoneNumbers:
      AppendOffset(out, time.offset, item.text);
      break;
    case Element::kFraction0:
      AppendFraction(out, time.nanoseconds, item.text, false);
      break;
    case Element::kFraction9:
      AppendFraction(out, time.nanoseconds, item.text, true);
      break;
  }
}

// Reads a text by a layout, element by element.
class TimeParser {
 public:
  explicit TimeParser(std::string_view text) : rest_(text) {}

  bool Read(LayoutItem item) {
    switch (item.element) {
      case Element::kNone:
        return Literal(item.text);
      case Element::kLongMonth:
        return Name(kMonths, 0, civil_.month) && ++civil_.month;
      case Element::kMonth:
        return Name(kMonths, 3, civil_.month) && ++civil_.month;
      case Element::kNumMonth:
        return Number(1, 2, civil_.month);
      case Element::kZeroMonth:
        return Number(2, 2, civil_.month);
      case Element::kLongWeekday:
        return Name(kWeekdays, 0, civil_.weekday);
      case Element::kWeekday:
        return Name(kWeekdays, 3, civil_.weekday);
      case Element::kBlankDay:
        SkipBlank(1);
        return Number(1, 2, civil_.day);
      case Element::kDay:
        return Number(1, 2, civil_.day);
      case Element::kZeroDay:
        return Number(2, 2, civil_.day);
      case Element::kBlankYearDay:
        SkipBlank(2);
        return Number(1, 3, year_day_);
      case Element::kZeroYearDay:
        return Number(3, 3, year_day_);
      case Element::kHour24:
        return Number(2, 2, civil_.hour);
      case Element::kHour12:
        return Number(1, 2, civil_.hour);
      case Element::kZeroHour12:
        return Number(2, 2, civil_.hour);
      case Element::kMinute:
        return Number(1, 2, civil_.minute);
      case Element::kZeroMinute:
        return Number(2, 2, civil_.minute);
      case Element::kSecond:
        return Number(1, 2, civil_.second) && OptionalFraction();
      case Element::kZeroSecond:
        return Number(2, 2, civil_.second) && OptionalFraction();
      case Element::kLongYear:
        return Number(4, 4, year_) && (civil_.year = year_, true);
      case Element::kYear:
        return Number(2, 2, year_) && (civil_.year = year_ + (year_ >= 69 ? 1900 : 2000), true);
      case Element::kUpperHalf:
        return Half("AM", "PM");
      case Element::kLowerHalf:
        return Half("am", "pm");
      case Element::kZoneName:
        return ZoneName();
      case Element::kZoneZ:
      case Element::kZoneNumbers:
        return Offset(item.text);
      case Element::kFraction0:
        return Fraction(item.text.size() - 1);
      case Element::kFraction9:
        return rest_.empty() || rest_[0] != item.text[0] || Fraction(0);
    }
    return false;
  }

  // The moment read; its zone is still open if the text had none.
  std::optional<GoTime> Finish(bool& has_zone) {
    if (!rest_.empty() || !Valid()) {
      return std::nullopt;
    }
    if (half_ >= 0) {
      civil_.hour = civil_.hour % 12 + half_ * 12;
    }
    int64_t days = DaysOf(civil_.year, civil_.month, civil_.day);
    if (year_day_ > 0) {
      days = DaysOf(civil_.year, 1, 1) + year_day_ - 1;
    }
    GoTime time;
    time.seconds = days * kDaySeconds + civil_.hour * 3600 + civil_.minute * 60 + civil_.second;
    time.nanoseconds = nanoseconds_;
    has_zone = has_zone_;
    if (has_zone_) {
      time.seconds -= offset_;
      SetZone(time, offset_, zone_name_);
    }
    return time;
  }

 private:
  bool Valid() const {
    if (civil_.month < 1 || civil_.month > 12 || civil_.day < 1 || civil_.hour > 23 ||
        civil_.minute > 59 || civil_.second > 59 || (half_ >= 0 && civil_.hour > 12)) {
      return false;
    }
    const int next_month = civil_.month % 12 + 1;
    const int64_t next_year = civil_.year + (civil_.month == 12 ? 1 : 0);
    return civil_.day <= DaysOf(next_year, next_month, 1) - DaysOf(civil_.year, civil_.month, 1);
  }

  bool Literal(std::string_view text) {
    if (text == " ") {
      SkipBlank(rest_.size());
      return true;
    }
    if (!rest_.starts_with(text)) {
      return false;
    }
    rest_.remove_prefix(text.size());
    return true;
  }

  void SkipBlank(size_t most) {
    while (most-- > 0 && !rest_.empty() && rest_[0] == ' ') {
      rest_.remove_prefix(1);
    }
  }

  bool Number(size_t least, size_t most, int& value) {
    size_t length = 0;
    value = 0;
    while (length < most && length < rest_.size() && IsDigit(rest_[length])) {
      value = value * 10 + (rest_[length++] - '0');
    }
    rest_.remove_prefix(length);
    return length >= least;
  }

  // The index of the name, cut to `length` characters unless that is 0.
  template <size_t N>
  bool Name(const std::array<std::string_view, N>& names, size_t length, int& index) {
    for (size_t n = 0; n < N; ++n) {
      const std::string_view name = length == 0 ? names[n] : names[n].substr(0, length);
      if (rest_.size() >= name.size() &&
          std::equal(name.begin(), name.end(), rest_.begin(),
                     [](char a, char b) { return (a | 0x20) == (b | 0x20); })) {
        rest_.remove_prefix(name.size());
        index = static_cast<int>(n);
        return true;
      }
    }
    return false;
  }

  bool Half(std::string_view morning, std::string_view afternoon) {
    half_ = rest_.starts_with(morning) ? 0 : rest_.starts_with(afternoon) ? 1 : -1;
    rest_.remove_prefix(half_ < 0 ? 0 : 2);
    return half_ >= 0;
  }

  // Go reads a fraction behind the seconds even if the layout has none.
  bool OptionalFraction() {
    return rest_.size() < 2 || (rest_[0] != '.' && rest_[0] != ',') || !IsDigit(rest_[1]) ||
           Fraction(0);
  }

  // `digits` of them; 0: however many there are.
  bool Fraction(size_t digits) {
    if (rest_.empty() || (rest_[0] != '.' && rest_[0] != ',')) {
      return false;
    }
    rest_.remove_prefix(1);
    size_t length = 0;
    nanoseconds_ = 0;
    while (length < rest_.size() && IsDigit(rest_[length]) && (digits == 0 || length < digits)) {
      nanoseconds_ = length < 9 ? nanoseconds_ * 10 + (rest_[length] - '0') : nanoseconds_;
      ++length;
    }
    for (size_t n = length; n < 9; ++n) {
      nanoseconds_ *= 10;
    }
    rest_.remove_prefix(length);
    return length > 0 && (digits == 0 || length == digits);
  }

  bool ZoneName() {
    size_t length = 0;
    while (length < rest_.size() && length < 5 && rest_[length] >= 'A' && rest_[length] <= 'Z') {
      ++length;
    }
    if (length < 3) {
      return false;
    }
    has_zone_ = true;
    offset_ = 0;
    zone_name_ = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return true;
  }

  bool Offset(std::string_view item) {
    has_zone_ = true;
    if (item[0] == 'Z' && rest_.starts_with("Z")) {
      rest_.remove_prefix(1);
      offset_ = 0;
      zone_name_ = "UTC";
      return true;
    }
    const bool negative = rest_.starts_with("-");
    if (!negative && !rest_.starts_with("+")) {
      return false;
    }
    rest_.remove_prefix(1);
    const bool colon = item.find(':') != std::string_view::npos;
    int hours = 0;
    int minutes = 0;
    int seconds = 0;
    const bool ok = Number(2, 2, hours) &&
                    (item.size() <= 3 || ((!colon || Literal(":")) && Number(2, 2, minutes))) &&
                    (item.size() <= 6 || ((!colon || Literal(":")) && Number(2, 2, seconds)));
    offset_ = (hours * 3600 + minutes * 60 + seconds) * (negative ? -1 : 1);
    zone_name_ = "";
    return ok;
  }

  std::string_view rest_;
  CivilTime civil_;
  int year_ = 0;
  int year_day_ = 0;
  int half_ = -1;
  int32_t nanoseconds_ = 0;
  bool has_zone_ = false;
  int32_t offset_ = 0;
  std::string_view zone_name_;
};

// Turns clock time into a moment: `time.seconds` counts as if in UTC.
void PlaceInLocalZone(GoTime& time) {
  const CivilTime civil = CivilOf(time);
  std::tm tm{};
  tm.tm_year = static_cast<int>(civil.year - 1900);
  tm.tm_mon = civil.month - 1;
  tm.tm_mday = civil.day;
  tm.tm_hour = civil.hour;
  tm.tm_min = civil.minute;
  tm.tm_sec = civil.second;
  tm.tm_isdst = -1;
  const std::time_t moment = std::mktime(&tm);
  time = LocalTime(moment, time.nanoseconds);
}

void PlaceInNamedZone(GoTime& time, std::string_view zone) {
  try {
    const date::time_zone* found = date::locate_zone(std::string(zone));
    const date::local_seconds clock{std::chrono::seconds(time.seconds)};
    const date::sys_seconds moment = found->to_sys(clock, date::choose::earliest);
    const date::sys_info about = found->get_info(moment);
    time.seconds = moment.time_since_epoch().count();
    SetZone(time, static_cast<int32_t>(about.offset.count()), about.abbrev);
  } catch (const std::exception&) {
    SetZone(time, 0, "UTC");
  }
}

}  // namespace

GoTime UtcTime(int64_t seconds, int32_t nanoseconds) {
  GoTime time;
  time.seconds = seconds;
  time.nanoseconds = nanoseconds;
  return time;
}

GoTime LocalTime(int64_t seconds, int32_t nanoseconds) {
  GoTime time = UtcTime(seconds, nanoseconds);
  const auto moment = static_cast<std::time_t>(seconds);
  std::tm tm{};
  if (localtime_r(&moment, &tm) != nullptr) {
    SetZone(time, static_cast<int32_t>(tm.tm_gmtoff), tm.tm_zone);
  }
  return time;
}

CivilTime CivilOf(const GoTime& time) {
  const int64_t clock = time.seconds + time.offset;
  const int64_t days = FloorDiv(clock, kDaySeconds);
  const int64_t second = clock - days * kDaySeconds;
  // The inverse of DaysOf.
  const int64_t shifted = days + 719468;
  const int64_t era = FloorDiv(shifted, 146097);
  const int64_t day_of_era = shifted - era * 146097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month_from_march = (5 * day_of_year + 2) / 153;
  CivilTime civil;
  civil.day = static_cast<int>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  civil.month = static_cast<int>(month_from_march + (month_from_march < 10 ? 3 : -9));
  civil.year = year_of_era + era * 400 + (civil.month <= 2 ? 1 : 0);
  civil.hour = static_cast<int>(second / 3600);
  civil.minute = static_cast<int>(second / 60 % 60);
  civil.second = static_cast<int>(second % 60);
  civil.weekday = static_cast<int>((days % 7 + 11) % 7);
  civil.year_day = static_cast<int>(days - DaysOf(civil.year, 1, 1) + 1);
  return civil;
}

std::string_view MonthName(int month) { return kMonths[static_cast<size_t>(month - 1)]; }
std::string_view WeekdayName(int weekday) { return kWeekdays[static_cast<size_t>(weekday)]; }

void AppendGoTime(std::string& out, const GoTime& time, std::string_view layout) {
  const CivilTime civil = CivilOf(time);
  while (!layout.empty()) {
    const LayoutItem item = NextItem(layout);
    AppendElement(out, time, civil, item);
    layout.remove_prefix(item.text.size());
  }
}

std::optional<GoTime> ParseGoTime(std::string_view layout, std::string_view text,
                                  std::string_view zone) {
  TimeParser parser(text);
  while (!layout.empty()) {
    const LayoutItem item = NextItem(layout);
    if (!parser.Read(item)) {
      return std::nullopt;
    }
    layout.remove_prefix(item.text.size());
  }
  bool has_zone = false;
  std::optional<GoTime> time = parser.Finish(has_zone);
  if (time && !has_zone) {
    if (zone == "Local") {
      PlaceInLocalZone(*time);
    } else {
      PlaceInNamedZone(*time, zone);
    }
  }
  return time;
}

}  // namespace skald::logql
