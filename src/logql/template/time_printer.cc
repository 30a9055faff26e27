#include "logql/template/time_printer.h"

#include <algorithm>

#include "common/quote.h"
#include "logql/template/time_layout.h"

namespace skald::logql {
namespace {

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
    case TimeElement::kNone:
      out += item.text;
      break;
    case TimeElement::kLongMonth:
      out += MonthNames()[static_cast<size_t>(civil.month - 1)];
      break;
    case TimeElement::kMonth:
      out += MonthNames()[static_cast<size_t>(civil.month - 1)].substr(0, 3);
      break;
    case TimeElement::kNumMonth:
      AppendPadded(out, civil.month, 1, '0');
      break;
    case TimeElement::kZeroMonth:
      AppendPadded(out, civil.month, 2, '0');
      break;
    case TimeElement::kLongWeekday:
      out += WeekdayNames()[static_cast<size_t>(civil.weekday)];
      break;
    case TimeElement::kWeekday:
      out += WeekdayNames()[static_cast<size_t>(civil.weekday)].substr(0, 3);
      break;
    case TimeElement::kDay:
      AppendPadded(out, civil.day, 1, '0');
      break;
    case TimeElement::kBlankDay:
      AppendPadded(out, civil.day, 2, ' ');
      break;
    case TimeElement::kZeroDay:
      AppendPadded(out, civil.day, 2, '0');
      break;
    case TimeElement::kBlankYearDay:
      AppendPadded(out, civil.year_day, 3, ' ');
      break;
    case TimeElement::kZeroYearDay:
      AppendPadded(out, civil.year_day, 3, '0');
      break;
    case TimeElement::kHour24:
      AppendPadded(out, civil.hour, 2, '0');
      break;
    case TimeElement::kHour12:
      AppendPadded(out, hour12, 1, '0');
      break;
    case TimeElement::kZeroHour12:
      AppendPadded(out, hour12, 2, '0');
      break;
    case TimeElement::kMinute:
      AppendPadded(out, civil.minute, 1, '0');
      break;
    case TimeElement::kZeroMinute:
      AppendPadded(out, civil.minute, 2, '0');
      break;
    case TimeElement::kSecond:
      AppendPadded(out, civil.second, 1, '0');
      break;
    case TimeElement::kZeroSecond:
      AppendPadded(out, civil.second, 2, '0');
      break;
    case TimeElement::kLongYear:
      AppendPadded(out, civil.year, 4, '0');
      break;
    case TimeElement::kYear:
      AppendPadded(out, civil.year % 100, 2, '0');
      break;
    case TimeElement::kUpperHalf:
      out += civil.hour >= 12 ? "PM" : "AM";
      break;
    case TimeElement::kLowerHalf:
      out += civil.hour >= 12 ? "pm" : "am";
      break;
    case TimeElement::kZoneName:
      if (time.zone[0] == 0) {
        AppendOffset(out, time.offset, "-0700");
      } else {
        out += time.zone;
      }
      break;
    case TimeElement::kZoneZ:
    case TimeElement::kZoneNumbers:
      AppendOffset(out, time.offset, item.text);
      break;
    case TimeElement::kFraction0:
      AppendFraction(out, time.nanoseconds, item.text, false);
      break;
    case TimeElement::kFraction9:
      AppendFraction(out, time.nanoseconds, item.text, true);
      break;
  }
}

}  // namespace

void AppendGoTime(std::string& out, const GoTime& time, std::string_view layout) {
  const CivilTime civil = CivilOf(time);
  while (!layout.empty()) {
    const LayoutItem item = NextLayoutItem(layout);
    AppendElement(out, time, civil, item);
    layout.remove_prefix(item.text.size());
  }
}

void AppendGoSource(std::string& out, const GoTime& time) {
  const CivilTime civil = CivilOf(time);
  out += "time.Date(" + std::to_string(civil.year) + ", time.";
  out += MonthNames()[static_cast<size_t>(civil.month - 1)];
  for (const int part : {civil.day, civil.hour, civil.minute, civil.second, time.nanoseconds}) {
    out += ", " + std::to_string(part);
  }
  const std::string_view location = LocationName(time);
  if (IsLocal(time) || location == "UTC") {
    out += IsLocal(time) ? ", time.Local)" : ", time.UTC)";
  } else {
    out += ", time.Location(" + GoQuote(location) + "))";
  }
}

}  // namespace skald::logql
