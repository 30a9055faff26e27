#pragma once

#include <algorithm>
#include <string_view>

namespace skald {

// Whether `text` is `lower` but for the case of ASCII letters. Requires: `lower` has no upper-case
// ones.
inline bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b;
  });
}

}  // namespace skald
