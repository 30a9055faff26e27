#include "logql/template/time_layout.h"

#include <algorithm>

namespace skald::logql {
namespace {

// Longer texts come before those that they begin with.
constexpr LayoutItem kItems[] = {
    {"January", TimeElement::kLongMonth},
    {"Jan", TimeElement::kMonth},
    {"Monday", TimeElement::kLongWeekday},
    {"MST", TimeElement::kZoneName},
    {"Mon", TimeElement::kWeekday},
    {"002", TimeElement::kZeroYearDay},
    {"01", TimeElement::kZeroMonth},
    {"02", TimeElement::kZeroDay},
    {"03", TimeElement::kZeroHour12},
    {"04", TimeElement::kZeroMinute},
    {"05", TimeElement::kZeroSecond},
    {"06", TimeElement::kYear},
    {"15", TimeElement::kHour24},
    {"1", TimeElement::kNumMonth},
    {"2006", TimeElement::kLongYear},
    {"2", TimeElement::kDay},
    {"__2", TimeElement::kBlankYearDay},
    {"_2", TimeElement::kBlankDay},
    {"3", TimeElement::kHour12},
    {"4", TimeElement::kMinute},
    {"5", TimeElement::kSecond},
    {"PM", TimeElement::kUpperHalf},
    {"pm", TimeElement::kLowerHalf},
    {"-07:00:00", TimeElement::kZoneNumbers},
    {"-070000", TimeElement::kZoneNumbers},
    {"-07:00", TimeElement::kZoneNumbers},
    {"-0700", TimeElement::kZoneNumbers},
    {"-07", TimeElement::kZoneNumbers},
    {"Z07:00:00", TimeElement::kZoneZ},
    {"Z070000", TimeElement::kZoneZ},
    {"Z07:00", TimeElement::kZoneZ},
    {"Z0700", TimeElement::kZoneZ},
    {"Z07", TimeElement::kZoneZ},
};

bool BeginsLower(std::string_view text) {
  return !text.empty() && text[0] >= 'a' && text[0] <= 'z';
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

LayoutItem NextLayoutItem(std::string_view layout) {
  if ((layout[0] == '.' || layout[0] == ',') && layout.size() > 1 &&
      (layout[1] == '0' || layout[1] == '9')) {
    size_t end = 1;
    while (end < layout.size() && layout[end] == layout[1]) {
      ++end;
    }
    if (end == layout.size() || !IsDigit(layout[end])) {
      return {layout.substr(0, end),
              layout[1] == '0' ? TimeElement::kFraction0 : TimeElement::kFraction9};
    }
  }
  if (layout.starts_with("_2006")) {
    return {layout.substr(0, 1), TimeElement::kNone};
  }
  for (const LayoutItem& item : kItems) {
    const bool short_name =
        item.element == TimeElement::kMonth || item.element == TimeElement::kWeekday;
    if (short_name && BeginsLower(layout.substr(std::min<size_t>(layout.size(), 3)))) {
      continue;  // Part of a longer word, such as Janet.
    }
    if (layout.starts_with(item.text)) {
      return {layout.substr(0, item.text.size()), item.element};
    }
  }
  return {layout.substr(0, 1), TimeElement::kNone};
}

}  // namespace skald::logql
