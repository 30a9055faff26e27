#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace skald {

inline constexpr uint32_t kReplacementRune = 0xfffd;

// The character at the front of a text.
struct Rune {
  uint32_t value = kReplacementRune;
  uint32_t length = 1;  // Bytes it takes.
  bool valid = false;   // False: one byte that is no UTF-8; value is U+FFFD.
};

// As Go decodes: overlong forms, surrogates and values past U+10FFFF are invalid, byte by byte.
// Requires: !text.empty().
Rune DecodeRune(std::string_view text);

// Appends the UTF-8 form of `rune`.
void AppendRune(std::string& out, uint32_t rune);

// Appends `digits` lower-case hexadecimal digits of `value`.
void AppendHexDigits(std::string& out, uint32_t value, int digits);

// The number of bytes before the first that is not ASCII.
size_t AsciiPrefix(std::string_view text);

bool IsValidUtf8(std::string_view text);

// Appends `text` with each byte that is no UTF-8 replaced by U+FFFD.
void AppendValidUtf8(std::string& out, std::string_view text);

// Whether Go's strconv.Quote shows the rune as it is: letters, marks, numbers, punctuation,
// symbols and the ASCII space (Unicode 15).
bool IsPrintable(uint32_t rune);

}  // namespace skald
