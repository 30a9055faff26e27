#include "common/quote.h"

#include <cstdint>

#include "common/utf8.h"

namespace skald {
namespace {

// The characters with an escape of one letter, and those letters.
constexpr std::string_view kControls = "\a\b\f\n\r\t\v\\\"";
constexpr std::string_view kLetters = "abfnrtv\\\"";

void AppendHexEscape(std::string& out, char kind, uint32_t value, int digits) {
  out.push_back('\\');
  out.push_back(kind);
  AppendHexDigits(out, value, digits);
}

}  // namespace

void AppendGoQuoted(std::string& out, std::string_view text) {
  out.push_back('"');
  while (!text.empty()) {
    const Rune rune = DecodeRune(text);
    const size_t control = rune.length == 1 ? kControls.find(text[0]) : std::string_view::npos;
    if (control != std::string_view::npos) {
      out.push_back('\\');
      out.push_back(kLetters[control]);
    } else if (!rune.valid) {
      AppendHexEscape(out, 'x', static_cast<uint8_t>(text[0]), 2);
    } else if (IsPrintable(rune.value)) {
      out.append(text.substr(0, rune.length));
    } else if (rune.value < 0x80) {
      AppendHexEscape(out, 'x', rune.value, 2);
    } else if (rune.value < 0x10000) {
      AppendHexEscape(out, 'u', rune.value, 4);
    } else {
      AppendHexEscape(out, 'U', rune.value, 8);
    }
    text.remove_prefix(rune.length);
  }
  out.push_back('"');
}

std::string GoQuote(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  AppendGoQuoted(out, text);
  return out;
}

}  // namespace skald
