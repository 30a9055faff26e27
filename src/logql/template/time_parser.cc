#include "logql/template/time_parser.h"

#include <algorithm>
#include <span>

#include "logql/template/time_layout.h"

namespace skald::logql {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

// Letters at the front that abbreviate a zone: three, or four or five that end in T; 0 for none.
size_t ZoneNameLength(std::string_view text) {
  if (text.starts_with("ChST") || text.starts_with("MeST") || text.starts_with("WITA")) {
    return 4;
  }
  const auto end = std::find_if_not(text.begin(), text.end(), IsUpper);
  const auto letters = static_cast<size_t>(end - text.begin());
  const bool time = (letters == 4 || letters == 5) && text[letters - 1] == 'T';
  return letters == 3 || time ? letters : 0;
}

// Reads a text by a layout, element by element.
class TimeParser {
 public:
  explicit TimeParser(std::string_view text) : rest_(text) {}

  // `fraction_follows`: the layout goes on with a fraction of a second.
  bool Read(LayoutItem item, bool fraction_follows);
  // The moment read, in `zone` if the text had none.
  std::optional<GoTime> Finish(std::string_view zone);

 private:
  bool Valid() const;
  bool Literal(std::string_view text);
  void SkipBlanks(size_t most);
  bool Number(size_t least, size_t most, int& value);
  bool Name(std::span<const std::string_view> names, size_t length, int& index);
  bool Year(size_t digits);
  bool Seconds(size_t least, bool fraction_follows);
  bool Half(std::string_view morning, std::string_view afternoon);
  bool Fraction(size_t digits);
  bool ZoneName();
  bool Offset(std::string_view item);

  std::string_view rest_;
  int year_ = 0;
  int month_ = -1;
  int day_ = -1;
  int year_day_ = -1;
  int weekday_ = 0;
  int hour_ = 0;
  int minute_ = 0;
  int second_ = 0;
  int32_t nanoseconds_ = 0;
  int half_ = -1;  // 0 for AM, 1 for PM.
  bool has_zone_ = false;
  int32_t offset_ = 0;
  int32_t clock_offset_ = 0;  // Of the zone that the digits were written in.
  std::string_view zone_name_;
};

bool TimeParser::Read(LayoutItem item, bool fraction_follows) {
  switch (item.element) {
    case TimeElement::kNone:
      return Literal(item.text);
    case TimeElement::kLongMonth:
      return Name(MonthNames(), 0, month_) && ++month_ > 0;
    case TimeElement::kMonth:
      return Name(MonthNames(), 3, month_) && ++month_ > 0;
    case TimeElement::kNumMonth:
      return Number(1, 2, month_) && month_ >= 1 && month_ <= 12;
    case TimeElement::kZeroMonth:
      return Number(2, 2, month_) && month_ >= 1 && month_ <= 12;
    case TimeElement::kLongWeekday:
      return Name(WeekdayNames(), 0, weekday_);
    case TimeElement::kWeekday:
      return Name(WeekdayNames(), 3, weekday_);
    case TimeElement::kBlankDay:
      SkipBlanks(1);
      return Number(1, 2, day_);
    case TimeElement::kDay:
      return Number(1, 2, day_);
    case TimeElement::kZeroDay:
      return Number(2, 2, day_);
    case TimeElement::kBlankYearDay:
      SkipBlanks(2);
      return Number(1, 3, year_day_);
    case TimeElement::kZeroYearDay:
      return Number(3, 3, year_day_);
    case TimeElement::kHour24:
      return Number(1, 2, hour_) && hour_ < 24;
    case TimeElement::kHour12:
      return Number(1, 2, hour_) && hour_ <= 12;
    case TimeElement::kZeroHour12:
      return Number(2, 2, hour_) && hour_ <= 12;
    case TimeElement::kMinute:
      return Number(1, 2, minute_) && minute_ < 60;
    case TimeElement::kZeroMinute:
      return Number(2, 2, minute_) && minute_ < 60;
    case TimeElement::kSecond:
      return Seconds(1, fraction_follows);
    case TimeElement::kZeroSecond:
      return Seconds(2, fraction_follows);
    case TimeElement::kLongYear:
      return Year(4);
    case TimeElement::kYear:
      return Year(2);
    case TimeElement::kUpperHalf:
      return Half("AM", "PM");
    case TimeElement::kLowerHalf:
      return Half("am", "pm");
    case TimeElement::kZoneName:
      return ZoneName();
    case TimeElement::kZoneZ:
    case TimeElement::kZoneNumbers:
      return Offset(item.text);
    case TimeElement::kFraction0:
      return Fraction(item.text.size() - 1);
    case TimeElement::kFraction9:
      // May be missing.
      return rest_.size() < 2 || (rest_[0] != '.' && rest_[0] != ',') || !IsDigit(rest_[1]) ||
             Fraction(0);
  }
  return false;
}

std::optional<GoTime> TimeParser::Finish(std::string_view zone) {
  if (half_ == 1 && hour_ < 12) {
    hour_ += 12;
  } else if (half_ == 0 && hour_ == 12) {
    hour_ = 0;
  }
  if (!rest_.empty() || !Valid()) {
    return std::nullopt;
  }
  const int64_t days = year_day_ >= 0 ? DaysOf(year_, 1, 1) + year_day_ - 1
                                      : DaysOf(year_, std::max(month_, 1), std::max(day_, 1));
  const int64_t clock = days * kDaySeconds + hour_ * 3600 + minute_ * 60 + second_;
  return has_zone_ ? FixedZoneTime(clock - clock_offset_, nanoseconds_, offset_, zone_name_)
                   : TimeInZone(clock, nanoseconds_, zone);
}

// Whether there is such a day.
bool TimeParser::Valid() const {
  if (year_day_ >= 0) {
    const int64_t first = DaysOf(year_, 1, 1);
    const CivilTime civil = CivilOf((first + year_day_ - 1) * kDaySeconds);
    return year_day_ >= 1 && first + year_day_ <= DaysOf(year_ + 1, 1, 1) &&
           (month_ < 0 || month_ == civil.month) && (day_ < 0 || day_ == civil.day);
  }
  const int month = std::max(month_, 1);
  const int64_t next = month == 12 ? DaysOf(year_ + 1, 1, 1) : DaysOf(year_, month + 1, 1);
  return day_ != 0 && day_ <= next - DaysOf(year_, month, 1);
}

// A blank stands for any number of them, but for none only at the end.
bool TimeParser::Literal(std::string_view text) {
  if (text == " ") {
    if (!rest_.empty() && rest_[0] != ' ') {
      return false;
    }
    SkipBlanks(rest_.size());
    return true;
  }
  if (!rest_.starts_with(text)) {
    return false;
  }
  rest_.remove_prefix(text.size());
  return true;
}

void TimeParser::SkipBlanks(size_t most) {
  while (most-- > 0 && !rest_.empty() && rest_[0] == ' ') {
    rest_.remove_prefix(1);
  }
}

bool TimeParser::Number(size_t least, size_t most, int& value) {
  size_t length = 0;
  value = 0;
  while (length < most && length < rest_.size() && IsDigit(rest_[length])) {
    value = value * 10 + (rest_[length++] - '0');
  }
  rest_.remove_prefix(length);
  return length >= least;
}

// The index of the name, cut to `length` characters unless that is 0; in any letter case.
bool TimeParser::Name(std::span<const std::string_view> names, size_t length, int& index) {
  for (size_t n = 0; n < names.size(); ++n) {
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

// Of two digits, those from 69 on are of the last century.
bool TimeParser::Year(size_t digits) {
  if (!Number(digits, digits, year_)) {
    return false;
  }
  year_ += digits == 4 ? 0 : year_ >= 69 ? 1900 : 2000;
  return true;
}

// A fraction behind the seconds is read even if the layout has none.
bool TimeParser::Seconds(size_t least, bool fraction_follows) {
  if (!Number(least, 2, second_) || second_ > 59) {
    return false;
  }
  const bool fraction =
      rest_.size() >= 2 && (rest_[0] == '.' || rest_[0] == ',') && IsDigit(rest_[1]);
  return !fraction || fraction_follows || Fraction(0);
}

bool TimeParser::Half(std::string_view morning, std::string_view afternoon) {
  half_ = rest_.starts_with(morning) ? 0 : rest_.starts_with(afternoon) ? 1 : -1;
  rest_.remove_prefix(half_ < 0 ? 0 : 2);
  return half_ >= 0;
}

// `digits` of them; 0: however many there are.
bool TimeParser::Fraction(size_t digits) {
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

// Compat: of names only UTC and GMT+3 say where the zone is; others count as Greenwich. The digits
// before a name are Greenwich's in any case: 00:00 GMT+3 is shown as 03:00.
bool TimeParser::ZoneName() {
  const size_t length = ZoneNameLength(rest_);
  const std::string_view begin = rest_;
  if (length == 0) {
    return false;
  }
  has_zone_ = true;
  offset_ = 0;
  clock_offset_ = 0;
  zone_name_ = rest_.substr(0, length);
  rest_.remove_prefix(length);
  if (zone_name_ == "GMT" && rest_.size() > 1 && (rest_[0] == '+' || rest_[0] == '-') &&
      IsDigit(rest_[1])) {
    const int sign = rest_[0] == '-' ? -1 : 1;
    int hours = 0;
    rest_.remove_prefix(1);
    if (!Number(1, 2, hours) || hours > 23) {
      return false;
    }
    offset_ = sign * hours * 3600;
    zone_name_ = begin.substr(0, begin.size() - rest_.size());
  }
  return true;
}

bool TimeParser::Offset(std::string_view item) {
  has_zone_ = true;
  zone_name_ = "UTC";
  if (item[0] == 'Z' && rest_.starts_with("Z")) {
    rest_.remove_prefix(1);
    offset_ = 0;
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
  clock_offset_ = offset_;
  zone_name_ = offset_ == 0 ? "UTC" : "";
  return ok && hours <= 24 && minutes <= 60 && seconds <= 60;
}

bool IsFraction(std::string_view layout) {
  if (layout.empty()) {
    return false;
  }
  const TimeElement element = NextLayoutItem(layout).element;
  return element == TimeElement::kFraction0 || element == TimeElement::kFraction9;
}

}  // namespace

std::optional<GoTime> ParseGoTime(std::string_view layout, std::string_view text,
                                  std::string_view zone) {
  TimeParser parser(text);
  while (!layout.empty()) {
    const LayoutItem item = NextLayoutItem(layout);
    layout.remove_prefix(item.text.size());
    if (!parser.Read(item, IsFraction(layout))) {
      return std::nullopt;
    }
  }
  return parser.Finish(zone);
}

}  // namespace skald::logql
