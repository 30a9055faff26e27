#include "wire/json_text.h"

#include <algorithm>
#include <cstdint>

#include "common/json_escape.h"
#include "common/utf8.h"

namespace skald::wire {
namespace {

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

// Whether `escape` begins with \\ud800 to \\udfff.
bool IsHalfOfPair(std::string_view escape) {
  const auto is_hex = [](char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
  };
  return escape.size() >= 6 && (escape[2] | 0x20) == 'd' && escape[3] >= '8' && is_hex(escape[3]) &&
         is_hex(escape[4]) && is_hex(escape[5]);
}

}  // namespace

bool AppendUnescaped(std::string_view raw, std::string& out) {
  const size_t begin = out.size();
  out.resize(begin + raw.size());
  char* end = out.data() + begin;
  const bool valid = UnescapeJson(raw, end);
  out.resize(valid ? static_cast<size_t>(end - out.data()) : begin);
  return valid;
}

bool AppendUnescapedLossy(std::string_view raw, std::string& out) {
  if (AppendUnescaped(raw, out)) return true;
  // Escape by escape, so that only what is a half by itself is lost.
  constexpr size_t kUnicodeEscape = 6;
  const size_t begin = out.size();
  while (!raw.empty()) {
    const size_t plain = std::min(raw.find('\\'), raw.size());
    out.append(raw.substr(0, plain));
    raw.remove_prefix(plain);
    if (raw.empty()) break;
    const bool unicode = raw.substr(0, 2) == "\\u";
    size_t taken = unicode ? kUnicodeEscape : 2;
    if (unicode && AppendUnescaped(raw.substr(0, 2 * kUnicodeEscape), out)) {
      taken = std::min(2 * kUnicodeEscape, raw.size());
    } else if (!AppendUnescaped(raw.substr(0, taken), out)) {
      if (!unicode || !IsHalfOfPair(raw)) {
        out.resize(begin);
        return false;
      }
      AppendRune(out, kReplacementRune);
    }
    raw.remove_prefix(taken);
  }
  return true;
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
