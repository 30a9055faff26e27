#include "common/regex_reader.h"

#include "common/utf8.h"

namespace skald {
namespace {

bool TakeNumber(std::string_view& rest, size_t& number) {
  size_t digits = 0;
  number = 0;
  while (digits < rest.size() && digits < 6 && rest[digits] >= '0' && rest[digits] <= '9') {
    number = number * 10 + static_cast<size_t>(rest[digits++] - '0');
  }
  const bool leading_zero = digits > 1 && rest[0] == '0';  // Then the brace is plain text.
  rest.remove_prefix(digits);
  return digits > 0 && !leading_zero;
}

}  // namespace

void RegexReader::Fail() {
  failed_ = true;
  rest_ = {};
}

bool RegexReader::Take(std::string_view text) {
  if (!At(text)) return false;
  rest_.remove_prefix(text.size());
  return true;
}

void RegexReader::TakePastIfAny(std::string_view end) {
  const size_t at = rest_.find(end);
  if (at != std::string_view::npos) rest_.remove_prefix(at + end.size());
}

void RegexReader::TakePast(std::string_view end) {
  if (rest_.find(end) == std::string_view::npos) return Fail();
  TakePastIfAny(end);
}

uint32_t RegexReader::TakeRune() {
  const Rune rune = DecodeRune(rest_);
  rest_.remove_prefix(rune.length);
  if (!rune.valid) Fail();
  return rune.value;
}

std::optional<uint32_t> RegexReader::EscapedRune(uint32_t rune) {
  switch (rune) {
    case 'a':
      return '\a';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'v':
      return '\v';
    case 'x':
      return HexRune();
    default:
      break;
  }
  if (rune >= '0' && rune <= '7') return OctalRune(rune);
  const bool word = (rune >= 'a' && rune <= 'z') || (rune >= 'A' && rune <= 'Z') ||
                    (rune >= '0' && rune <= '9') || rune >= 0x80;
  if (word) return std::nullopt;
  return rune;
}

std::optional<uint32_t> RegexReader::HexRune() {
  size_t digits = 2;
  const bool braces = Take("{");
  if (braces) digits = rest_.find('}');
  if (digits == 0 || digits > 8 || digits > rest_.size()) return std::nullopt;
  uint32_t value = 0;
  for (const char c : rest_.substr(0, digits)) {
    const bool digit = c >= '0' && c <= '9';
    const char lower = static_cast<char>(c | 0x20);
    if (!digit && (lower < 'a' || lower > 'f')) return std::nullopt;
    value = value * 16 + static_cast<uint32_t>(digit ? c - '0' : lower - 'a' + 10);
  }
  rest_.remove_prefix(digits + (braces ? 1 : 0));
  if (value > 0x10ffff) return std::nullopt;
  return value;
}

// Up to three octal digits, `first` among them; a lone one from 1 to 7 would be a backreference.
std::optional<uint32_t> RegexReader::OctalRune(uint32_t first) {
  uint32_t value = first - '0';
  for (int i = 0; i < 2 && !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '7'; ++i) {
    value = value * 8 + static_cast<uint32_t>(rest_[0] - '0');
    rest_.remove_prefix(1);
  }
  return value;
}

void RegexReader::TakeUnicodeClass() {
  if (Take("{")) return TakePast("}");
  if (at_end()) return Fail();
  TakeRune();
}

std::optional<RegexReader::Counts> RegexReader::TakeCounts() {
  if (!At("{")) return std::nullopt;
  std::string_view rest = rest_.substr(1);
  Counts counts;
  if (!TakeNumber(rest, counts.min)) return std::nullopt;
  counts.max = counts.min;
  if (rest.starts_with(',')) {
    rest.remove_prefix(1);
    counts.max = SIZE_MAX;
    if (!rest.starts_with('}') && !TakeNumber(rest, counts.max)) return std::nullopt;
  }
  if (!rest.starts_with('}')) return std::nullopt;
  rest_ = rest.substr(1);
  return counts;
}

}  // namespace skald
