#include "logql/template/printf_verb.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

#include "common/ascii.h"
#include "common/quote.h"
#include "common/utf8.h"
#include "logql/template/go_float.h"
#include "logql/template/time_printer.h"

namespace skald::logql {
namespace {

using Kind = TemplateValue::Kind;

size_t CountRunes(std::string_view text) {
  size_t count = 0;
  while (!text.empty()) {
    text.remove_prefix(DecodeRune(text).length);
    ++count;
  }
  return count;
}

void AppendPadded(std::string& out, const PrintfVerb& verb, std::string_view text, bool number) {
  const auto runes = static_cast<int>(CountRunes(text));
  const size_t pad = verb.width > runes ? static_cast<size_t>(verb.width - runes) : 0;
  if (verb.minus) {
    out += text;
    out.append(pad, ' ');
  } else if (verb.zero && number && !text.empty() && (text[0] == '-' || text[0] == '+')) {
    out.push_back(text[0]);
    out.append(pad, '0');
    out += text.substr(1);
  } else {
    out.append(pad, verb.zero ? '0' : ' ');
    out += text;
  }
}

std::string Sign(const PrintfVerb& verb, bool negative) {
  return negative ? "-" : verb.plus ? "+" : verb.space ? " " : "";
}

std::string IntegerText(const PrintfVerb& verb, int64_t value, int base, bool upper) {
  const bool negative = value < 0;
  const uint64_t magnitude =
      negative ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  char digits[72];
  const auto end = std::to_chars(digits, digits + sizeof digits, magnitude, base);
  std::string text(digits, end.ptr);
  if (upper) {
    text = UpperCase(text);
  }
  if (verb.precision > static_cast<int>(text.size())) {
    text.insert(0, static_cast<size_t>(std::min(verb.precision, 400)) - text.size(), '0');
  }
  if (verb.sharp) {
    text.insert(0, base == 16 ? (upper ? "0X" : "0x") : base == 8 ? "0" : base == 2 ? "0b" : "");
  }
  return Sign(verb, negative) + text;
}

// The mantissa and the exponent of two: 4503599627370496p-52.
std::string BinaryFloatText(double value) {
  constexpr int kMantissaBits = 53;
  int exponent = 0;
  const double mantissa = std::frexp(value, &exponent);
  const auto whole = static_cast<int64_t>(std::ldexp(mantissa, kMantissaBits));
  exponent = whole == 0 ? -1074 : exponent - kMantissaBits;
  return std::to_string(whole) + (exponent < 0 ? "p" : "p+") + std::to_string(exponent);
}

// 0x1.8p+01, with an exponent of two digits at least.
std::string HexFloatText(const PrintfVerb& verb, double value) {
  char digits[512];
  const double magnitude = std::fabs(value);
  const auto end =
      verb.precision < 0
          ? std::to_chars(digits, digits + sizeof digits, magnitude, std::chars_format::hex)
          : std::to_chars(digits, digits + sizeof digits, magnitude, std::chars_format::hex,
                          std::min(verb.precision, 400));
  std::string text = "0x" + std::string(digits, end.ptr);
  const size_t exponent = text.find('p') + 2;  // After its sign.
  if (text.size() - exponent < 2) text.insert(exponent, 1, '0');
  if (verb.letter == 'X') text = UpperCase(text);
  return Sign(verb, std::signbit(value)) + text;
}

std::string FloatText(const PrintfVerb& verb, double value) {
  if (std::isfinite(value) && verb.letter == 'b') return BinaryFloatText(value);
  if (std::isfinite(value) && (verb.letter | 0x20) == 'x') return HexFloatText(verb, value);
  char format = static_cast<char>(verb.letter | 0x20);
  int precision = verb.precision;
  if (verb.letter == 'v') {
    format = 'g';
  } else if (format != 'g' && precision < 0) {
    precision = 6;
  }
  std::string text;
  AppendGoFloat(text, value, format, precision);
  if (verb.letter == 'E' || verb.letter == 'G') {
    std::replace(text.begin(), text.end(), 'e', 'E');
  }
  return text[0] == '-' || text[0] == '+' ? text : Sign(verb, false) + text;
}

std::string HexText(const PrintfVerb& verb, std::string_view bytes) {
  constexpr std::string_view kLower = "0123456789abcdef";
  constexpr std::string_view kUpper = "0123456789ABCDEF";
  const std::string_view digits = verb.letter == 'X' ? kUpper : kLower;
  std::string text;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (verb.space && i > 0) {
      text.push_back(' ');
    }
    if (verb.sharp && (verb.space || i == 0)) {
      text += verb.letter == 'X' ? "0X" : "0x";
    }
    const auto byte = static_cast<unsigned char>(bytes[i]);
    text.push_back(digits[byte >> 4]);
    text.push_back(digits[byte & 15]);
  }
  return text;
}

std::string_view CutRunes(std::string_view text, int count) {
  size_t end = 0;
  while (count-- > 0 && end < text.size()) {
    end += DecodeRune(text.substr(end)).length;
  }
  return text.substr(0, end);
}

// Numbers that show as words where a verb asks for text.
bool HasNames(const TemplateValue& value) {
  return value.kind == Kind::kDuration || value.kind == Kind::kMonth ||
         value.kind == Kind::kWeekday;
}

bool AsksForText(const PrintfVerb& verb) {
  return verb.letter == 'v' ? !verb.sharp
                            : verb.letter < 0x80 &&
                                  std::string_view("sqxX").find(static_cast<char>(verb.letter)) !=
                                      std::string_view::npos;
}

void AppendBadVerb(std::string& out, const PrintfVerb& verb, const TemplateValue& value) {
  out += "%!";
  AppendRune(out, verb.letter);
  out.push_back('(');
  out += TypeName(value);
  if (value.kind != Kind::kNil) {
    PrintfVerb plain = verb;
    plain.letter = 'v';
    plain.sharp = false;
    out.push_back('=');
    AppendVerb(out, plain, HasNames(value) ? TemplateValue::Int(value.integer) : value);
  }
  out.push_back(')');
}

// U+FFFD for what is no character.
std::string RuneText(int64_t value) {
  const bool surrogate = value >= 0xd800 && value < 0xe000;
  const bool valid = value >= 0 && value <= 0x10ffff && !surrogate;
  std::string text;
  AppendRune(text, valid ? static_cast<uint32_t>(value) : kReplacementRune);
  return text;
}

// 'x', as Go quotes a character.
std::string QuoteRune(int64_t value) {
  std::string text = RuneText(value);
  if (text == "'" || text == "\"") {
    return text == "'" ? "'\\''" : "'\"'";
  }
  text = GoQuote(text);
  text.front() = text.back() = '\'';
  return text;
}

bool AppendInteger(std::string& out, const PrintfVerb& verb, int64_t value) {
  switch (verb.letter) {
    case 'v':
    case 'd':
      AppendPadded(out, verb, IntegerText(verb, value, 10, false), true);
      return true;
    case 'b':
      AppendPadded(out, verb, IntegerText(verb, value, 2, false), true);
      return true;
    case 'o':
      AppendPadded(out, verb, IntegerText(verb, value, 8, false), true);
      return true;
    case 'x':
    case 'X':
      AppendPadded(out, verb, IntegerText(verb, value, 16, verb.letter == 'X'), true);
      return true;
    case 'c':
      AppendPadded(out, verb, RuneText(value), false);
      return true;
    case 'q':
      AppendPadded(out, verb, QuoteRune(value), false);
      return true;
    case 'U': {
      char digits[17];
      const auto end =
          std::to_chars(digits, digits + sizeof digits, static_cast<uint64_t>(value), 16);
      std::string hex(digits, end.ptr);
      hex = UpperCase(hex);
      hex.insert(0, hex.size() < 4 ? 4 - hex.size() : 0, '0');
      hex.insert(0, "U+");
      if (verb.sharp && IsPrintable(static_cast<uint32_t>(value))) {
        hex += " '";
        AppendRune(hex, static_cast<uint32_t>(value));
        hex += "'";
      }
      AppendPadded(out, verb, hex, false);
      return true;
    }
    default:
      return false;
  }
}

// Whether a raw literal can hold the text.
bool CanBackquote(std::string_view text) {
  return IsValidUtf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
           return c == '`' || c == 0x7f || (c >= 0 && c < ' ' && c != '\t');
         });
}

// As GoQuote, with escapes for all that is not ASCII.
std::string AsciiQuote(std::string_view text) {
  const std::string quoted = GoQuote(text);
  std::string out;
  for (std::string_view rest = quoted; !rest.empty();) {
    const Rune rune = DecodeRune(rest);
    rest.remove_prefix(rune.length);
    if (rune.value < 0x80) {
      out.push_back(static_cast<char>(rune.value));
    } else {
      const bool wide = rune.value > 0xffff;
      out += wide ? "\\U" : "\\u";
      AppendHexDigits(out, rune.value, wide ? 8 : 4);
    }
  }
  return out;
}

bool AppendString(std::string& out, const PrintfVerb& verb, std::string_view text) {
  if (verb.precision >= 0) {
    text = CutRunes(text, verb.precision);
  }
  switch (verb.letter) {
    case 'v':
      AppendPadded(out, verb, verb.sharp ? GoQuote(text) : std::string(text), false);
      return true;
    case 's':
      AppendPadded(out, verb, text, false);
      return true;
    case 'q':
      AppendPadded(out, verb,
                   verb.sharp && CanBackquote(text) ? "`" + std::string(text) + "`"
                   : verb.plus                      ? AsciiQuote(text)
                                                    : GoQuote(text),
                   false);
      return true;
    case 'x':
    case 'X':
      AppendPadded(out, verb, HexText(verb, text), false);
      return true;
    default:
      return false;
  }
}

bool AppendNamed(std::string& out, const PrintfVerb& verb, const TemplateValue& value) {
  if (HasNames(value) && !AsksForText(verb)) {
    return AppendInteger(out, verb, value.integer);
  }
  std::string text;
  if (value.kind == Kind::kTime && verb.letter == 'v' && verb.sharp) {
    AppendGoSource(text, value.time);
    AppendPadded(out, verb, text, false);
    return true;
  }
  AppendValue(text, value);
  return AppendString(out, verb, text);
}

void AppendCompound(std::string& out, const PrintfVerb& verb, const TemplateValue& value) {
  const bool list = value.kind == Kind::kList;
  out += list ? "[" : "map[";
  const size_t count = list                   ? value.list->items.size()
                       : value.map == nullptr ? 0
                                              : value.map->members.size();
  for (size_t i = 0; i < count; ++i) {
    out.append(i == 0 ? "" : " ");
    if (!list) {
      AppendVerb(out, verb, TemplateValue::String(value.map->members[i].first));
      out.push_back(':');
    }
    const TemplateValue& item = list ? value.list->items[i] : value.map->members[i].second;
    if (item.kind == Kind::kNil) {
      out += "<nil>";  // Whatever the verb.
    } else {
      AppendVerb(out, verb, item);
    }
  }
  out.push_back(']');
}

}  // namespace

void AppendVerb(std::string& out, const PrintfVerb& verb, const TemplateValue& value) {
  if (verb.letter == 'T') {
    PrintfVerb text = verb;
    text.letter = 's';
    AppendString(out, text, TypeName(value));
    return;
  }
  bool known = false;
  switch (value.kind) {
    case Kind::kNil:
      known = verb.letter == 'v';
      if (known) {
        AppendPadded(out, verb, "<nil>", false);
      }
      break;
    case Kind::kBool:
      known = verb.letter == 't' || verb.letter == 'v';
      if (known) {
        AppendPadded(out, verb, value.boolean ? "true" : "false", false);
      }
      break;
    case Kind::kInt:
    case Kind::kInt64:
    case Kind::kByte:
      known = AppendInteger(out, verb, value.integer);
      break;
    case Kind::kFloat:
      known = std::string_view("vbeEfFgGxX").find(static_cast<char>(verb.letter)) !=
              std::string_view::npos;
      if (known) {
        AppendPadded(out, verb, FloatText(verb, value.number), true);
      }
      break;
    case Kind::kString:
      known = AppendString(out, verb, value.text);
      break;
    case Kind::kDuration:
    case Kind::kMonth:
    case Kind::kWeekday:
    case Kind::kTime:
    case Kind::kLocation:
      known = AppendNamed(out, verb, value);
      break;
    case Kind::kList:
    case Kind::kMap:
    case Kind::kLabels:
      known = true;
      AppendCompound(out, verb, value);
      break;
  }
  if (!known) {
    AppendBadVerb(out, verb, value);
  }
}

}  // namespace skald::logql
