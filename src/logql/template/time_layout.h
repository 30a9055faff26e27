#pragma once

#include <cstdint>
#include <string_view>

namespace skald::logql {

// What a part of a layout stands for.
enum class TimeElement : uint8_t {
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
  std::string_view text;  // As the layout has it.
  TimeElement element = TimeElement::kNone;
};

// The item at the front of a layout by example, Go's "2006-01-02T15:04:05.000Z07:00"; a character
// that stands for itself is one of kNone. Requires: !layout.empty().
LayoutItem NextLayoutItem(std::string_view layout);

}  // namespace skald::logql
