#include "differential/query_texts.h"

#include "common/utf8.h"

namespace skald::differential {

std::string ValidUtf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Rune rune = DecodeRune(text);
    if (rune.valid) out.append(text.substr(0, rune.length));
    text.remove_prefix(rune.length);
  }
  return out;
}

std::string EscapeRegex(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("\\.+*?()|[]{}^$").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace skald::differential
