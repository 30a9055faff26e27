#include "querier/detected_labels.h"

#include <algorithm>

#include "logql/stages/value_text.h"

namespace skald::querier {
namespace {

bool IsHexDigit(char c) {
  return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

// 8-4-4-4-12 hexadecimal digits.
bool IsUuid(std::string_view text) {
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return text.size() == kForm.size() &&
         std::equal(text.begin(), text.end(), kForm.begin(),
                    [](char c, char form) { return form == 'x' ? IsHexDigit(c) : c == form; });
}

bool IsId(std::string_view value) {
  double number = 0;
  return logql::ParseGoFloat(value, number) || IsUuid(value);
}

}  // namespace

bool IsWorthPicking(std::string_view name, const TextList& values) {
  if (values.empty()) {
    return false;
  }
  if (name == "cluster" || name == "namespace" || name == "instance" || name == "pod") {
    return true;
  }
  const auto is_switch = [](std::string_view value) { return value == "0" || value == "1"; };
  if (values.size() <= 2 && std::all_of(values.begin(), values.end(), is_switch)) {
    return true;
  }
  return !std::all_of(values.begin(), values.end(), IsId);
}

}  // namespace skald::querier
