#include "logql/template/go_format.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "common/quote.h"
#include "common/utf8.h"

namespace skald::logql {
namespace {

using Kind = TemplateValue::Kind;

constexpr int kMaxWidth = 1'000'000;  // As in Go; wider is a bad width.

// Digits of a float in scientific form: 1.5e+06 to mantissa "1.5" and exponent 6, exponents at
// least two digits long.
void AppendScientific(std::string& out, double value, int precision) {
  char digits[512];
  const auto end =
      precision < 0
          ? std::to_chars(digits, digits + sizeof digits, value, std::chars_format::scientific)
          : std::to_chars(digits, digits + sizeof digits, value, std::chars_format::scientific,
                          std::min(precision, 400));
  out.append(digits, end.ptr);
}

void AppendFixed(std::string& out, double value, int precision) {
  char digits[1024];
  const auto end =
      precision < 0 ? std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed)
                    : std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed,
                                    std::min(precision, 400));
  out.append(digits, end.ptr);
}

size_t CountRunes(std::string_view text) {
  size_t count = 0;
  while (!text.empty()) {
    text.remove_prefix(DecodeRune(text).length);
    ++count;
  }
  return count;
}

// A verb with its flags.
struct Verb {
  bool minus = false;
  bool plus = false;
  bool sharp = false;
  bool space = false;
  bool zero = false;
  int width = -1;
  int precision = -1;
  uint32_t letter = 0;
};

void AppendPadded(std::string& out, const Verb& verb, std::string_view text, bool number) {
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

std::string Sign(const Verb& verb, bool negative) {
  return negative ? "-" : verb.plus ? "+" : verb.space ? " " : "";
}

std::string IntegerText(const Verb& verb, int64_t value, int base, bool upper) {
  const bool negative = value < 0;
  const uint64_t magnitude =
      negative ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  char digits[72];
  const auto end = std::to_chars(digits, digits + sizeof digits, magnitude, base);
  std::string text(digits, end.ptr);
  if (upper) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  }
  if (verb.precision > static_cast<int>(text.size())) {
    text.insert(0, static_cast<size_t>(std::min(verb.precision, 400)) - text.size(), '0');
  }
  if (verb.sharp) {
    text.insert(0, base == 16 ? (upper ? "0X" : "0x") : base == 8 ? "0" : base == 2 ? "0b" : "");
  }
  return Sign(verb, negative) + text;
}

std::string FloatText(const Verb& verb, double value) {
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

std::string HexText(const Verb& verb, std::string_view bytes) {
  constexpr std::string_view kLower = "0123456789abcdef";
  constexpr std::string_view kUpper = "0123456789ABCDEF";
  const std::string_view digits = verb.letter == 'X' ? kUpper : kLower;
  std::string text;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (verb.space && i > 0) {
      text.push_back(' ');
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

void AppendBadVerb(std::string& out, const Verb& verb, const TemplateValue& value) {
  out += "%!";
  AppendRune(out, verb.letter);
  out.push_back('(');
  out += TypeName(value);
  if (value.kind != Kind::kNil) {
    out.push_back('=');
    AppendValue(out, value);
  }
  out.push_back(')');
}

bool AppendInteger(std::string& out, const Verb& verb, int64_t value) {
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
    case 'c': {
      std::string text;
      AppendRune(text, static_cast<uint32_t>(value));
      AppendPadded(out, verb, text, false);
      return true;
    }
    case 'q': {
      std::string text = "'";
      AppendRune(text, static_cast<uint32_t>(value));
      AppendPadded(out, verb, text + "'", false);
      return true;
    }
    case 'U': {
      std::string hex = IntegerText({}, value, 16, true);
      hex.insert(0, hex.size() < 4 ? 4 - hex.size() : 0, '0');
      AppendPadded(out, verb, "U+" + hex, false);
      return true;
    }
    default:
      return false;
  }
}

bool AppendString(std::string& out, const Verb& verb, std::string_view text) {
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
      AppendPadded(out, verb, GoQuote(text), false);
      return true;
    case 'x':
    case 'X':
      AppendPadded(out, verb, HexText(verb, text), false);
      return true;
    default:
      return false;
  }
}

void AppendOperand(std::string& out, const Verb& verb, const TemplateValue& value);

void AppendCompound(std::string& out, const Verb& verb, const TemplateValue& value) {
  const bool list = value.kind == Kind::kList;
  out += list ? "[" : "map[";
  const size_t count = list                   ? value.list->items.size()
                       : value.map == nullptr ? 0
                                              : value.map->members.size();
  for (size_t i = 0; i < count; ++i) {
    out.append(i == 0 ? "" : " ");
    if (!list) {
      AppendOperand(out, verb, TemplateValue::String(value.map->members[i].first));
      out.push_back(':');
    }
    AppendOperand(out, verb, list ? value.list->items[i] : value.map->members[i].second);
  }
  out.push_back(']');
}

void AppendOperand(std::string& out, const Verb& verb, const TemplateValue& value) {
  if (verb.letter == 'T') {
    AppendPadded(out, verb, TypeName(value), false);
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
      known = std::string_view("vbeEfFgG").find(static_cast<char>(verb.letter)) !=
              std::string_view::npos;
      if (known) {
        AppendPadded(out, verb, FloatText(verb, value.number), true);
      }
      break;
    case Kind::kString:
      known = AppendString(out, verb, value.text);
      break;
    case Kind::kTime: {
      std::string text;
      AppendValue(text, value);
      known = AppendString(out, verb, text);
      break;
    }
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

// Walks over a format and its operands.
class Printer {
 public:
  Printer(std::string& out, std::string_view format, std::span<const TemplateValue> args)
      : out_(out), rest_(format), args_(args) {}

  void Run() {
    while (!rest_.empty()) {
      const size_t percent = rest_.find('%');
      out_ += rest_.substr(0, percent);
      if (percent == std::string_view::npos) {
        break;
      }
      rest_.remove_prefix(percent + 1);
      PrintVerb();
    }
    AppendExtra();
  }

 private:
  void PrintVerb() {
    Verb verb;
    while (!rest_.empty() && ReadFlag(verb)) {
      rest_.remove_prefix(1);
    }
    verb.width = ReadNumber();
    if (verb.width < -1) {
      verb.minus = true;
      verb.width = -verb.width;
    }
    if (!rest_.empty() && rest_[0] == '.') {
      rest_.remove_prefix(1);
      verb.precision = std::max(ReadNumber(), 0);
    }
    verb.zero = verb.zero && !verb.minus;
    if (rest_.empty()) {
      out_ += "%!(NOVERB)";
      return;
    }
    const Rune letter = DecodeRune(rest_);
    rest_.remove_prefix(letter.length);
    verb.letter = letter.value;
    if (verb.letter == '%') {
      out_.push_back('%');
    } else if (next_ >= args_.size()) {
      out_ += "%!";
      AppendRune(out_, verb.letter);
      out_ += "(MISSING)";
      missing_ = true;
    } else {
      AppendOperand(out_, verb, args_[next_++]);
    }
  }

  bool ReadFlag(Verb& verb) const {
    switch (rest_[0]) {
      case '-':
        return verb.minus = true;
      case '+':
        return verb.plus = true;
      case '#':
        return verb.sharp = true;
      case ' ':
        return verb.space = true;
      case '0':
        return verb.zero = true;
      default:
        return false;
    }
  }

  // Digits, or `*` for the next operand; -1 if there is neither.
  int ReadNumber() {
    if (!rest_.empty() && rest_[0] == '*') {
      rest_.remove_prefix(1);
      if (next_ < args_.size() && args_[next_].IsInteger() &&
          std::abs(args_[next_].integer) <= kMaxWidth) {
        return static_cast<int>(args_[next_++].integer);
      }
      ++next_;
      out_ += "%!(BADWIDTH)";
      return -1;
    }
    int value = -1;
    while (!rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9') {
      value = std::max(value, 0) * 10 + (rest_[0] - '0');
      value = std::min(value, kMaxWidth);
      rest_.remove_prefix(1);
    }
    return value;
  }

  void AppendExtra() {
    if (missing_ || next_ >= args_.size()) {
      return;
    }
    out_ += "%!(EXTRA ";
    for (size_t i = next_; i < args_.size(); ++i) {
      out_.append(i == next_ ? "" : ", ");
      out_ += TypeName(args_[i]);
      if (args_[i].kind != Kind::kNil) {
        out_.push_back('=');
        AppendValue(out_, args_[i]);
      }
    }
    out_.push_back(')');
  }

  std::string& out_;
  std::string_view rest_;
  std::span<const TemplateValue> args_;
  size_t next_ = 0;
  bool missing_ = false;
};

}  // namespace

void AppendGoFloat(std::string& out, double value, char format, int precision) {
  if (!std::isfinite(value)) {
    out += std::isnan(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
    return;
  }
  if (format == 'e') {
    AppendScientific(out, value, precision);
    return;
  }
  if (format == 'f') {
    AppendFixed(out, value, precision);
    return;
  }
  if (precision >= 0) {
    char digits[512];
    const auto end = std::to_chars(digits, digits + sizeof digits, value,
                                   std::chars_format::general, std::clamp(precision, 1, 400));
    out.append(digits, end.ptr);
    return;
  }
  const double magnitude = std::fabs(value);
  if (magnitude != 0 && (magnitude < 1e-4 || magnitude >= 1e6)) {
    AppendScientific(out, value, -1);
  } else {
    AppendFixed(out, value, -1);
  }
}

void AppendPrintf(std::string& out, std::string_view format, std::span<const TemplateValue> args) {
  Printer(out, format, args).Run();
}

void AppendPrint(std::string& out, std::span<const TemplateValue> args) {
  for (size_t i = 0; i < args.size(); ++i) {
    if (i > 0 && args[i].kind != Kind::kString && args[i - 1].kind != Kind::kString) {
      out.push_back(' ');
    }
    AppendValue(out, args[i]);
  }
}

void AppendPrintln(std::string& out, std::span<const TemplateValue> args) {
  for (size_t i = 0; i < args.size(); ++i) {
    out.append(i == 0 ? "" : " ");
    AppendValue(out, args[i]);
  }
  out.push_back('\n');
}

}  // namespace skald::logql
