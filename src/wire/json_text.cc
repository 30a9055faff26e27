#include "wire/json_text.h"

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

}  // namespace

bool AppendUnescaped(std::string_view raw, std::string& out) {
  const size_t begin = out.size();
  out.resize(begin + raw.size());
  char* end = out.data() + begin;
  const bool valid = UnescapeJson(raw, end);
  out.resize(valid ? static_cast<size_t>(end - out.data()) : begin);
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
