#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include "logql/stages/value_text.h"
#include "logql/template/template_functions.h"

namespace skald::logql {
namespace {

using Type = TemplateType;
using Call = TemplateCall;
using Kind = TemplateValue::Kind;

double ToFloat(const TemplateValue& value) {
  double number = 0;
  switch (value.kind) {
    case Kind::kFloat:
      return value.number;
    case Kind::kBool:
      return value.boolean ? 1 : 0;
    case Kind::kString:
      return ParseGoFloat(value.text, number) ? number : 0;
    default:
      return value.IsInteger() ? static_cast<double>(value.integer) : 0;
  }
}

constexpr double kTwoTo63 = 9223372036854775808.0;

// What an x86 machine makes of a float: all that is out of range becomes the lowest number.
int64_t Truncated(double number) {
  const bool fits = number >= -kTwoTo63 && number < kTwoTo63;
  return fits ? static_cast<int64_t>(number) : std::numeric_limits<int64_t>::min();
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// A text as an integer. It may carry a prefix for its base (0x, 0o, 0b, 0); the fraction of a
// decimal number is cut off. 0 if it is no number, or one out of range.
int64_t IntegerOfText(std::string_view text) {
  const bool negative = text.starts_with('-');
  text.remove_prefix(negative || text.starts_with('+') ? 1 : 0);
  if (const size_t point = text.find('.'); point != std::string_view::npos) {
    const auto all_digits = [](std::string_view part) {
      return std::all_of(part.begin(), part.end(), IsDigit);
    };
    if (!all_digits(text.substr(0, point)) || !all_digits(text.substr(point + 1))) return 0;
    text = text.substr(0, point);
  }
  int base = 10;
  bool prefixed = false;
  if (text.size() > 1 && text[0] == '0') {
    const char letter = static_cast<char>(text[1] | 0x20);
    base = letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
    prefixed = true;
    text.remove_prefix(letter == 'x' || letter == 'b' || letter == 'o' ? 2 : 1);
  }
  std::string digits(text);
  if (!TakeOutUnderscores(digits, prefixed)) return 0;
  uint64_t magnitude = 0;
  const char* const digits_end = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(digits.data(), digits_end, magnitude, base);
  if (error != std::errc() || end != digits_end) return 0;
  constexpr uint64_t kLimit = uint64_t{1} << 63;  // Reached by the negative only.
  if (magnitude > kLimit || (magnitude == kLimit && !negative)) return 0;
  return static_cast<int64_t>(negative ? 0 - magnitude : magnitude);
}

int64_t ToInt(const TemplateValue& value) {
  if (value.IsInteger()) return value.integer;
  return value.kind == Kind::kString ? IntegerOfText(value.text) : Truncated(ToFloat(value));
}

bool GiveInt64(Call& call, int64_t value) {
  return call.Give(TemplateValue::Int(value, Kind::kInt64));
}
bool GiveFloat(Call& call, double value) { return call.Give(TemplateValue::Float(value)); }

int64_t Wrap(uint64_t value) { return static_cast<int64_t>(value); }
uint64_t Bits(const TemplateValue& value) { return static_cast<uint64_t>(ToInt(value)); }

bool Add(Call& call) {
  uint64_t sum = 0;
  for (const TemplateValue& arg : call.args) sum += Bits(arg);
  return GiveInt64(call, Wrap(sum));
}
bool Sub(Call& call) { return GiveInt64(call, Wrap(Bits(call.args[0]) - Bits(call.args[1]))); }
bool Mul(Call& call) {
  uint64_t product = 1;
  for (const TemplateValue& arg : call.args) product *= Bits(arg);
  return GiveInt64(call, Wrap(product));
}
bool Divide(Call& call, bool remainder) {
  const int64_t left = ToInt(call.args[0]);
  const int64_t right = ToInt(call.args[1]);
  if (right == 0) {
    return call.Fail("runtime error: integer divide by zero");
  }
  if (right == -1) {
    return GiveInt64(call, remainder ? 0 : Wrap(0 - static_cast<uint64_t>(left)));
  }
  return GiveInt64(call, remainder ? left % right : left / right);
}
bool Div(Call& call) { return Divide(call, false); }
bool Mod(Call& call) { return Divide(call, true); }

bool Max(Call& call) {
  int64_t best = ToInt(call.args[0]);
  for (const TemplateValue& arg : call.args) best = std::max(best, ToInt(arg));
  return GiveInt64(call, best);
}
bool Min(Call& call) {
  int64_t best = ToInt(call.args[0]);
  for (const TemplateValue& arg : call.args) best = std::min(best, ToInt(arg));
  return GiveInt64(call, best);
}
bool MaxFloat(Call& call) {
  double best = ToFloat(call.args[0]);
  for (const TemplateValue& arg : call.args) best = std::max(best, ToFloat(arg));
  return GiveFloat(call, best);
}
bool MinFloat(Call& call) {
  double best = ToFloat(call.args[0]);
  for (const TemplateValue& arg : call.args) best = std::min(best, ToFloat(arg));
  return GiveFloat(call, best);
}

// Of an operand, the shortest decimal number that reads back as the float. The digits that a long
// double has more keep the arithmetic decimal: 0.1 + 0.2 is 0.3.
bool ReadDecimal(Call& call, const TemplateValue& arg, long double& decimal) {
  const double number = ToFloat(arg);
  if (!std::isfinite(number)) {
    return call.Fail(std::isnan(number) ? "Cannot create a Decimal from NaN"
                     : number > 0       ? "Cannot create a Decimal from +Inf"
                                        : "Cannot create a Decimal from -Inf");
  }
  char digits[32];
  const auto shortest =
      std::to_chars(digits, digits + sizeof digits, number, std::chars_format::scientific);
  std::from_chars(digits, shortest.ptr, decimal);
  return true;
}

// Folds the operands from the first on.
template <typename Operation>
bool FoldDecimals(Call& call, const Operation& operation) {
  long double result = 0;
  for (size_t i = 0; i < call.args.size(); ++i) {
    long double operand = 0;
    if (!ReadDecimal(call, call.args[i], operand)) return false;
    if (i == 0) {
      result = operand;
    } else if (!operation(result, operand)) {
      return false;
    }
  }
  return GiveFloat(call, static_cast<double>(result) + 0.0);  // There is no -0.
}

bool AddFloat(Call& call) {
  return FoldDecimals(call, [](long double& sum, long double operand) {
    sum += operand;
    return true;
  });
}
bool SubFloat(Call& call) {
  return FoldDecimals(call, [](long double& rest, long double operand) {
    rest -= operand;
    return true;
  });
}
bool MulFloat(Call& call) {
  return FoldDecimals(call, [](long double& product, long double operand) {
    product *= operand;
    return true;
  });
}
bool DivFloat(Call& call) {
  return FoldDecimals(call, [&call](long double& rest, long double divisor) {
    if (divisor == 0) return call.Fail("decimal division by 0");
    rest /= divisor;
    // Quotients have 16 places.
    constexpr long double kPlaces = 1e16L;
    if (std::fabs(rest) < 100) rest = std::round(rest * kPlaces) / kPlaces;
    return true;
  });
}

bool Ceil(Call& call) { return GiveFloat(call, std::ceil(ToFloat(call.args[0]))); }
bool Floor(Call& call) { return GiveFloat(call, std::floor(ToFloat(call.args[0]))); }
bool Round(Call& call) {
  if (call.args.size() < 2) {
    return call.Fail("the number of places is missing");
  }
  const double round_on = call.args.size() > 2 ? ToFloat(call.args[2]) : 0.5;
  const double power = std::pow(10, static_cast<double>(ToInt(call.args[1])));
  const double scaled = ToFloat(call.args[0]) * power;
  double whole = 0;
  const double fraction = std::modf(scaled, &whole);
  return GiveFloat(call, (fraction >= round_on ? std::ceil(scaled) : std::floor(scaled)) / power);
}

bool Int(Call& call) { return call.Give(TemplateValue::Int(ToInt(call.args[0]))); }
bool Float64(Call& call) { return GiveFloat(call, ToFloat(call.args[0])); }

bool Bytes(Call& call) {
  uint64_t bytes = 0;
  if (!ParseBytesText(call.args[0].text, bytes)) {
    return call.Fail(ValueErrorText(ValueKind::kBytes, call.args[0].text));
  }
  return GiveFloat(call, static_cast<double>(bytes));
}
bool Duration(Call& call) {
  int64_t ns = 0;
  if (!ParseDurationText(call.args[0].text, ns)) {
    return call.Fail(ValueErrorText(ValueKind::kDuration, call.args[0].text));
  }
  return GiveFloat(call, static_cast<double>(ns) / 1e9);
}

}  // namespace

std::span<const TemplateFunction> NumberTemplateFunctions() {
  static const std::vector<TemplateFunction> table = {
      {"add", {Type::kAny}, true, Add},
      {"sub", {Type::kAny, Type::kAny}, false, Sub},
      {"mul", {Type::kAny, Type::kAny}, true, Mul},
      {"div", {Type::kAny, Type::kAny}, false, Div},
      {"mod", {Type::kAny, Type::kAny}, false, Mod},
      {"max", {Type::kAny, Type::kAny}, true, Max},
      {"min", {Type::kAny, Type::kAny}, true, Min},
      {"maxf", {Type::kAny, Type::kAny}, true, MaxFloat},
      {"minf", {Type::kAny, Type::kAny}, true, MinFloat},
      {"addf", {Type::kAny}, true, AddFloat},
      {"subf", {Type::kAny, Type::kAny}, true, SubFloat},
      {"mulf", {Type::kAny, Type::kAny}, true, MulFloat},
      {"divf", {Type::kAny, Type::kAny}, true, DivFloat},
      {"ceil", {Type::kAny}, false, Ceil},
      {"floor", {Type::kAny}, false, Floor},
      {"round", {Type::kAny, Type::kInt, Type::kFloat}, true, Round},
      {"int", {Type::kAny}, false, Int},
      {"float64", {Type::kAny}, false, Float64},
      {"bytes", {Type::kString}, false, Bytes},
      {"duration", {Type::kString}, false, Duration},
      {"duration_seconds", {Type::kString}, false, Duration},
  };
  return table;
}

}  // namespace skald::logql
