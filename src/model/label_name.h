#pragma once

#include <algorithm>
#include <string_view>

namespace skald::model {

// Whether Prometheus and LogQL have a label of that name: ASCII letters, digits and _, not
// beginning with a digit.
inline bool IsLabelName(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !name.empty() && !digit(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || digit(c); });
}

}  // namespace skald::model
