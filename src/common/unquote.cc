#include "common/unquote.h"

#include <cstddef>
#include <cstdint>
#include <optional>

#include "common/utf8.h"

namespace skald {
namespace {

Status InvalidSyntax() { return InvalidArgument("invalid syntax"); }

int DigitValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

// Takes exactly `count` digits of `base` off the front of `rest`.
std::optional<uint32_t> TakeDigits(std::string_view& rest, size_t count, uint32_t base) {
  if (rest.size() < count) return std::nullopt;
  uint32_t value = 0;
  for (size_t i = 0; i < count; ++i) {
    const int digit = DigitValue(rest[i]);
    if (digit >= static_cast<int>(base)) return std::nullopt;
    value = value * base + static_cast<uint32_t>(digit);
  }
  rest.remove_prefix(count);
  return value;
}

// Takes the digits of \u or \U and appends the rune. False if they name none.
bool TakeRune(std::string_view& rest, size_t digits, std::string& out) {
  const std::optional<uint32_t> rune = TakeDigits(rest, digits, 16);
  if (!rune || *rune > 0x10ffff || (*rune >= 0xd800 && *rune < 0xe000)) return false;
  AppendRune(out, *rune);
  return true;
}

// Takes the digits of \x or \ooo and appends the byte. False if they name none.
bool TakeByte(std::string_view& rest, size_t digits, uint32_t base, std::string& out) {
  const std::optional<uint32_t> byte = TakeDigits(rest, digits, base);
  if (!byte || *byte > 0xff) return false;
  out.push_back(static_cast<char>(*byte));
  return true;
}

// Takes what follows a backslash and appends what it stands for.
bool TakeEscape(std::string_view& rest, char quote, std::string& out) {
  if (rest.empty()) return false;
  const char c = rest[0];
  if (c >= '0' && c <= '7') return TakeByte(rest, 3, 8, out);
  rest.remove_prefix(1);
  if (c == quote) {
    out.push_back(c);
    return true;
  }
  switch (c) {
    case 'a':
      out.push_back('\a');
      return true;
    case 'b':
      out.push_back('\b');
      return true;
    case 'f':
      out.push_back('\f');
      return true;
    case 'n':
      out.push_back('\n');
      return true;
    case 'r':
      out.push_back('\r');
      return true;
    case 't':
      out.push_back('\t');
      return true;
    case 'v':
      out.push_back('\v');
      return true;
    case '\\':
      out.push_back(c);
      return true;
    case 'x':
      return TakeByte(rest, 2, 16, out);
    case 'u':
      return TakeRune(rest, 4, out);
    case 'U':
      return TakeRune(rest, 8, out);
    default:
      return false;
  }
}

}  // namespace

Result<std::string> GoUnquote(std::string_view literal) {
  if (literal.size() < 2 || literal.front() != literal.back()) return InvalidSyntax();
  const char quote = literal.front();
  std::string_view rest = literal.substr(1, literal.size() - 2);
  const bool raw = quote == '`';
  if (!raw && quote != '"' && quote != '\'') return InvalidSyntax();
  std::string out;
  out.reserve(rest.size());
  while (!rest.empty()) {
    const char c = rest[0];
    if (c == quote || (c == '\n' && !raw)) return InvalidSyntax();
    rest.remove_prefix(1);
    if (!raw && c == '\\') {
      if (!TakeEscape(rest, quote, out)) return InvalidSyntax();
    } else if (!raw || c != '\r') {
      out.push_back(c);
    }
  }
  return out;
}

}  // namespace skald
