#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace skald {

// Where a text of a TextList, or one that it may borrow, lies: its length in four bytes, and behind
// these the text. At least kTextSlackBytes behind it can be read, whatever they are.
using TextPlace = const char*;
inline constexpr size_t kTextLengthBytes = sizeof(uint32_t);
inline constexpr size_t kTextSlackBytes = 8;

inline std::string_view TextAt(TextPlace place) {
  uint32_t length;
  std::memcpy(&length, place, sizeof length);
  return {place + sizeof length, length};
}

}  // namespace skald
