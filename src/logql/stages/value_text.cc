#include "logql/stages/value_text.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>

#include "common/duration.h"
#include "common/quote.h"

namespace skald::logql {
namespace {

bool EqualFold(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) {
    return false;
  }
  for (size_t i = 0; i < text.size(); ++i) {
    if ((text[i] | 0x20) != lower[i]) {
      return false;
    }
  }
  return true;
}

bool ParseSpecial(std::string_view text, double& value) {
  if (EqualFold(text, "inf") || EqualFold(text, "infinity")) {
    value = std::numeric_limits<double>::infinity();
    return true;
  }
  if (EqualFold(text, "nan")) {
    value = std::numeric_limits<double>::quiet_NaN();
    return true;
  }
  return false;
}

bool IsHexPrefixed(std::string_view text) {
  return text.size() > 2 && text[0] == '0' && (text[1] | 0x20) == 'x';
}

// Of a number without sign, of digits and a point. Of so few digits they and the power of ten are
// exact, so that their quotient is what is to be had. False for anything else.
bool ParseFewDigits(std::string_view text, double& value) {
  constexpr size_t kFew = 15;
  constexpr double kPowersOfTen[kFew + 1] = {1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                             1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  if (text.empty() || text.size() > kFew) {
    return false;
  }
  uint64_t digits = 0;
  size_t point = text.size();
  for (size_t i = 0; i < text.size(); ++i) {
    const auto digit = static_cast<unsigned>(text[i] - '0');
    if (digit <= 9) {
      digits = digits * 10 + digit;
    } else if (text[i] == '.' && point == text.size()) {
      point = i;
    } else {
      return false;
    }
  }
  if (point == text.size()) {
    value = static_cast<double>(digits);
    return true;
  }
  value = static_cast<double>(digits) / kPowersOfTen[text.size() - point - 1];
  return text.size() > 1;
}

// Of a number without sign. `*overflow` tells a number that is out of range from no number.
bool ParseUnsigned(std::string_view text, double& value, bool* overflow) {
  if (ParseFewDigits(text, value)) {
    return true;
  }
  if (text.find('_') != std::string_view::npos) {
    const bool hex = IsHexPrefixed(text);
    std::string digits(text.substr(hex ? 2 : 0));
    if (!TakeOutUnderscores(digits, hex)) {
      return false;
    }
    return ParseUnsigned(hex ? "0x" + digits : digits, value, overflow);
  }
  std::chars_format format = std::chars_format::general;
  if (IsHexPrefixed(text)) {
    if (text.find_first_of("pP") == std::string_view::npos) {
      return false;  // Go demands the exponent.
    }
    text.remove_prefix(2);
    format = std::chars_format::hex;
  }
  const char first = text.empty() ? ' ' : text[0];
  if (first == '-' || first == '+') {
    return false;
  }
  if (first != '.' && (first < '0' || first > '9') && format == std::chars_format::general) {
    return ParseSpecial(text, value);
  }
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value, format);
  if (error == std::errc::result_out_of_range && rest == end) {
    // What is too small is zero, or nearly so, and no error.
    const std::string digits = (format == std::chars_format::hex ? "0x" : "") + std::string(text);
    value = std::strtod(digits.c_str(), nullptr);
    *overflow = std::isinf(value);
    return !*overflow;
  }
  return rest == end && error == std::errc();
}

bool ParseSigned(std::string_view text, double& value, bool* overflow) {
  const bool negative = !text.empty() && text[0] == '-';
  const bool has_sign = negative || (!text.empty() && text[0] == '+');
  if (has_sign) {
    text.remove_prefix(1);
  }
  if (!ParseUnsigned(text, value, overflow)) {
    return false;
  }
  value = negative ? -value : value;
  return !std::isnan(value) || !has_sign;
}

std::string ParseFloatError(std::string_view text) {
  double value = 0;
  bool overflow = false;
  ParseSigned(text, value, &overflow);
  return "strconv.ParseFloat: parsing " + GoQuote(text) +
         (overflow ? ": value out of range" : ": invalid syntax");
}

}  // namespace

bool TakeOutUnderscores(std::string& digits, bool prefixed) {
  const std::string_view known =
      std::string_view("0123456789abcdefABCDEF").substr(0, prefixed ? std::string::npos : 10);
  const auto is_digit = [&](size_t i) {
    return i < digits.size() && known.find(digits[i]) != std::string_view::npos;
  };
  for (size_t at = digits.find('_'); at != std::string::npos; at = digits.find('_', at)) {
    const bool follows = at > 0 ? is_digit(at - 1) : prefixed;
    if (!follows || !is_digit(at + 1)) {
      return false;
    }
    digits.erase(at, 1);
  }
  return true;
}

bool ParseGoFloat(std::string_view text, double& value) {
  bool overflow = false;
  return ParseSigned(text, value, &overflow);
}

bool ParseDurationText(std::string_view text, int64_t& ns) {
  const Result<Nanoseconds> duration = ParseGoDuration(text);
  if (!duration.ok()) {
    return false;
  }
  ns = duration->count();
  return true;
}

bool ParseBytesText(std::string_view text, uint64_t& bytes) {
  const Result<uint64_t> size = ParseHumanBytes(text);
  if (!size.ok()) {
    return false;
  }
  bytes = *size;
  return true;
}

std::string ValueErrorText(ValueKind kind, std::string_view text) {
  if (kind == ValueKind::kDuration) {
    return std::string(ParseGoDuration(text).status().message());
  }
  if (kind == ValueKind::kBytes) {
    const Status status = std::move(ParseHumanBytes(text)).status();
    if (status.message().starts_with("unhandled") || status.message().starts_with("too large")) {
      return std::string(status.message());
    }
    std::string number(text.substr(0, text.find_first_not_of("0123456789.,")));
    std::erase(number, ',');
    return ParseFloatError(number);
  }
  return ParseFloatError(text);
}

}  // namespace skald::logql
