#include "logql/stats/value_type.h"

#include <charconv>

#include "logql/stages/value_text.h"

namespace skald::logql {
namespace {

// As strconv.ParseInt with base 10.
bool IsInteger(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) {
      return false;
    }
  }
  int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  return rest == end && error == std::errc();
}

// As strconv.ParseBool, but for the digits, which are integers before.
bool IsBoolean(std::string_view text) {
  for (const std::string_view known :
       {"true", "false", "True", "False", "TRUE", "FALSE", "t", "f", "T", "F"}) {
    if (text == known) {
      return true;
    }
  }
  return false;
}

}  // namespace

ValueType TypeOfValue(std::string_view text) {
  if (IsInteger(text)) {
    return ValueType::kInt;
  }
  double number = 0;
  if (ParseGoFloat(text, number)) {
    return ValueType::kFloat;
  }
  if (IsBoolean(text)) {
    return ValueType::kBoolean;
  }
  int64_t ns = 0;
  if (ParseDurationText(text, ns)) {
    return ValueType::kDuration;
  }
  uint64_t bytes = 0;
  const bool begins_as_size =
      !text.empty() && (text[0] == '.' || (text[0] >= '0' && text[0] <= '9'));
  return begins_as_size && ParseBytesText(text, bytes) ? ValueType::kBytes : ValueType::kString;
}

std::string_view ValueTypeName(ValueType type) {
  switch (type) {
    case ValueType::kString:
      return "string";
    case ValueType::kInt:
      return "int";
    case ValueType::kFloat:
      return "float";
    case ValueType::kBoolean:
      return "boolean";
    case ValueType::kDuration:
      return "duration";
    case ValueType::kBytes:
      return "bytes";
  }
  return "";
}

}  // namespace skald::logql
