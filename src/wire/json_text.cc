#include "wire/json_text.h"

#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "common/utf8.h"

namespace skald::wire {
namespace {

constexpr size_t kStep = 16;  // Bytes copied at a time; room for them beyond the end is needed.

// Copies from `raw` to `out` until a backslash or the end, in steps that may write past what they
// copy. Returns the number of bytes copied.
size_t CopyPlain(std::string_view raw, char* out) {
  size_t i = 0;
#if defined(__SSE2__)
  const __m128i backslash = _mm_set1_epi8('\\');
  for (; i + kStep <= raw.size(); i += kStep) {
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
  std::string encoded;  // At most four bytes: no allocation.
  AppendRune(encoded, static_cast<uint32_t>(rune));
  std::memcpy(out, encoded.data(), encoded.size());
  out += encoded.size();
  return taken;
}

// The character that a backslash and `c` stand for; 0 if none.
constexpr char SimpleEscape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return '\0';
  }
}

// Appends the character of `text` at `at` within a string, mended. Returns the bytes taken.
size_t MendCharacter(std::string_view text, size_t at, std::string& out) {
  constexpr char kHex[] = "0123456789abcdef";
  const char c = text[at];
  if (static_cast<uint8_t>(c) < ' ') {
    out.append("\\u00");
    out.push_back(kHex[c >> 4]);
    out.push_back(kHex[c & 0xf]);
    return 1;
  }
  if (static_cast<uint8_t>(c) < 0x80) {
    out.push_back(c);
    return 1;
  }
  const Rune rune = DecodeRune(text.substr(at));
  AppendRune(out, rune.value);
  return rune.length;
}

}  // namespace

bool AppendUnescaped(std::string_view raw, std::string& out) {
  const size_t begin = out.size();
  out.resize(begin + raw.size() + kStep);  // Escapes are never shorter than what they stand for.
  char* next = out.data() + begin;
  bool valid = true;
  for (;;) {
    const size_t plain = CopyPlain(raw, next);
    next += plain;
    raw.remove_prefix(plain);
    if (raw.empty()) break;
    size_t taken = 2;
    if (raw.size() >= 2 && raw[1] == 'u') {
      taken = DecodeUnicodeEscape(raw, next);
    } else if (const char c = raw.size() >= 2 ? SimpleEscape(raw[1]) : '\0'; c != '\0') {
      *next++ = c;
    } else {
      taken = 0;
    }
    valid = taken != 0;
    if (!valid) break;
    raw.remove_prefix(taken);
  }
  out.resize(static_cast<size_t>(next - out.data()));
  return valid;
}

std::string_view RawJsonKey(const char* begin) {
  const char* p = begin;
  for (; *p != '"'; ++p) {
    if (*p == '\\') ++p;
  }
  return {begin, static_cast<size_t>(p - begin)};
}

std::string_view TrimJsonEnd(std::string_view text) {
  return text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
}

std::string MendJson(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  size_t depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\' && i + 1 < text.size()) {
        out.push_back(c);
        i += 1 + MendCharacter(text, i + 1, out);
      } else {
        in_string = c != '"';
        i += MendCharacter(text, i, out);
      }
      continue;
    }
    if (c == '"') in_string = true;
    if (c == '{' || c == '[') ++depth;
    const bool closes = c == '}' || c == ']';
    if (closes && depth > 0) --depth;
    if (static_cast<uint8_t>(c) < 0x80) {
      out.push_back(c);
      ++i;
    } else {
      i += MendCharacter(text, i, out);
    }
    if (closes && depth == 0) break;
  }
  return out;
}

}  // namespace skald::wire
