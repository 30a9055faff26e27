#include "common/json_escape.h"

#include <array>
#include <cstddef>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace skald {
namespace {

// Copies from `raw` to `out` until a backslash or the end. Returns the number of bytes copied;
// others of the raw.size() that there is room for may be written as well.
size_t CopyPlain(std::string_view raw, char* out) {
  size_t i = 0;
#if defined(__SSE2__)
  const __m128i backslash = _mm_set1_epi8('\\');
  for (; i + sizeof backslash <= raw.size(); i += sizeof backslash) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(raw.data() + i));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i), bytes);
    const auto hits = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, backslash)));
    if (hits != 0) return i + static_cast<size_t>(__builtin_ctz(hits));
  }
#endif
  for (; i < raw.size() && raw[i] != '\\'; ++i) out[i] = raw[i];
  return i;
}

// The value of four hexadecimal digits at the front, or -1.
int32_t HexDigits4(std::string_view text) {
  if (text.size() < 4) return -1;
  int32_t value = 0;
  for (size_t i = 0; i < 4; ++i) {
    const char c = text[i];
    const char lower = static_cast<char>(c | 0x20);
    if (c >= '0' && c <= '9') {
      value = 16 * value + (c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      value = 16 * value + (lower - 'a' + 10);
    } else {
      return -1;
    }
  }
  return value;
}

// The UTF-8 form of a rune, which is shorter than the escape that stood for it.
char* WriteRune(char* out, uint32_t rune) {
  if (rune < 0x80) {
    *out++ = static_cast<char>(rune);
    return out;
  }
  if (rune < 0x800) {
    *out++ = static_cast<char>(0xc0 | (rune >> 6));
  } else if (rune < 0x10000) {
    *out++ = static_cast<char>(0xe0 | (rune >> 12));
    *out++ = static_cast<char>(0x80 | ((rune >> 6) & 0x3f));
  } else {
    *out++ = static_cast<char>(0xf0 | (rune >> 18));
    *out++ = static_cast<char>(0x80 | ((rune >> 12) & 0x3f));
    *out++ = static_cast<char>(0x80 | ((rune >> 6) & 0x3f));
  }
  *out++ = static_cast<char>(0x80 | (rune & 0x3f));
  return out;
}

// Writes the character of the escape that begins `raw` with "\u", and returns the bytes taken; 0 if
// it is not one. `out` is moved on.
size_t DecodeUnicodeEscape(std::string_view raw, char*& out) {
  constexpr int32_t kHighSurrogate = 0xd800;
  constexpr int32_t kLowSurrogate = 0xdc00;
  constexpr int32_t kPastSurrogates = 0xe000;
  int32_t rune = HexDigits4(raw.substr(2));
  size_t taken = 6;
  if (rune < 0) return 0;
  if (rune >= kHighSurrogate && rune < kPastSurrogates) {
    if (rune >= kLowSurrogate || raw.substr(taken, 2) != "\\u") return 0;
    const int32_t low = HexDigits4(raw.substr(taken + 2));
    if (low < kLowSurrogate || low >= kPastSurrogates) return 0;
    rune = 0x10000 + ((rune - kHighSurrogate) << 10) + (low - kLowSurrogate);
    taken = 12;
  }
  out = WriteRune(out, static_cast<uint32_t>(rune));
  return taken;
}

// The character that a backslash and another one stand for; 0 if none.
constexpr std::array<char, 256> kSimpleEscapes = [] {
  std::array<char, 256> escapes{};
  escapes['"'] = '"';
  escapes['\\'] = '\\';
  escapes['/'] = '/';
  escapes['b'] = '\b';
  escapes['f'] = '\f';
  escapes['n'] = '\n';
  escapes['r'] = '\r';
  escapes['t'] = '\t';
  return escapes;
}();

}  // namespace

bool UnescapeJson(std::string_view raw, char*& out) {
  char* to = out;
  bool valid = true;
  while (valid) {
    const size_t plain = CopyPlain(raw, to);
    to += plain;
    raw.remove_prefix(plain);
    if (raw.empty()) break;
    size_t taken = 2;
    *to = raw.size() >= 2 ? kSimpleEscapes[static_cast<unsigned char>(raw[1])] : '\0';
    if (*to != '\0') {
      ++to;
    } else {
      taken = raw.size() >= 2 && raw[1] == 'u' ? DecodeUnicodeEscape(raw, to) : 0;
    }
    valid = taken != 0;
    raw.remove_prefix(taken);
  }
  out = to;
  return valid;
}

}  // namespace skald
