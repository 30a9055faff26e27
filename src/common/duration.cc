#include "common/duration.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>

#include "common/ascii.h"
#include "common/quote.h"

namespace skald {
namespace {

constexpr int64_t kMillisecond = 1'000'000;
constexpr int64_t kSecond = 1'000 * kMillisecond;
constexpr int64_t kMinute = 60 * kSecond;
constexpr int64_t kHour = 60 * kMinute;
constexpr int64_t kDay = 24 * kHour;
constexpr int64_t kMaxNs = std::numeric_limits<int64_t>::max();

struct Unit {
  std::string_view name;
  int64_t ns;
  // Printed only when nothing smaller is left over.
  bool only_exact = false;
};

// Largest first; a duration names each at most once and in this order.
constexpr std::array<Unit, 7> kPrometheusUnits = {{{"y", 365 * kDay, true},
                                                   {"w", 7 * kDay, true},
                                                   {"d", kDay},
                                                   {"h", kHour},
                                                   {"m", kMinute},
                                                   {"s", kSecond},
                                                   {"ms", kMillisecond}}};

constexpr std::array<Unit, 8> kGoUnits = {{{"ns", 1},
                                           {"us", 1'000},
                                           {"\u00b5s", 1'000},
                                           {"\u03bcs", 1'000},
                                           {"ms", kMillisecond},
                                           {"s", kSecond},
                                           {"m", kMinute},
                                           {"h", kHour}}};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Takes the longest prefix of `text` whose characters all satisfy `wanted`.
template <typename Predicate>
std::string_view TakeWhile(std::string_view& text, Predicate wanted) {
  const auto end = std::find_if_not(text.begin(), text.end(), wanted);
  const std::string_view taken = text.substr(0, end - text.begin());
  text.remove_prefix(taken.size());
  return taken;
}

// What the digits after the point are worth, cut to whole nanoseconds.
uint64_t FractionNs(std::string_view digits, int64_t unit_ns) {
  uint64_t value = 0;
  double scale = 1;
  for (const char digit : digits) {
    if (value > static_cast<uint64_t>(kMaxNs) / 10 - 1) break;  // Digits past that change nothing.
    value = value * 10 + static_cast<uint64_t>(digit - '0');
    scale *= 10;
  }
  return static_cast<uint64_t>(static_cast<double>(value) * (static_cast<double>(unit_ns) / scale));
}

// As Go's package time quotes what it could not read: what is not printable ASCII in hexadecimal.
std::string TimeQuote(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < ' ' || byte >= 0x80) {
      quoted += "\\x";
      quoted += kHex[byte >> 4];
      quoted += kHex[byte & 15];
      continue;
    }
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

Status GoError(std::string_view kind, std::string_view text) {
  return InvalidArgument("time: " + std::string(kind) + " duration " + TimeQuote(text));
}

struct SizeUnit {
  char letter;
  int power;
};
constexpr std::array<SizeUnit, 6> kSizeUnits = {
    {{'k', 1}, {'m', 2}, {'g', 3}, {'t', 4}, {'p', 5}, {'e', 6}}};
constexpr std::array<std::string_view, 7> kSizeLetters = {"", "K", "M", "G", "T", "P", "E"};

std::string_view TrimBlanks(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// The bytes that a unit stands for, or 0 if it is none. `plain_base` is what "kB" counts in;
// "KiB" is always 1024-based.
double UnitBytes(std::string_view unit, double plain_base) {
  std::string lower = LowerCase(unit);
  if (lower.empty() || lower == "b") return 1;
  if (lower.back() == 'b') lower.pop_back();
  const bool binary = lower.size() == 2 && lower[1] == 'i';
  if (lower.size() != 1 && !binary) return 0;
  for (const SizeUnit& size_unit : kSizeUnits) {
    if (size_unit.letter == lower[0])
      return std::pow(binary ? 1024.0 : plain_base, size_unit.power);
  }
  return 0;
}

Result<uint64_t> ParseSize(std::string_view text, double plain_base) {
  std::string_view rest = TrimBlanks(text);
  std::string digits(TakeWhile(rest, [](char c) { return IsDigit(c) || c == '.' || c == ','; }));
  std::erase(digits, ',');
  const char* const digits_end = digits.data() + digits.size();
  double number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits_end, number);
  if (digits.empty() || error != std::errc() || end != digits_end) {
    return InvalidArgument("invalid size " + GoQuote(text));
  }
  const std::string_view unit = TrimBlanks(rest);
  const double unit_bytes = UnitBytes(unit, plain_base);
  if (unit_bytes == 0) return InvalidArgument("unhandled size name: " + LowerCase(unit));
  // A whole number is exact where a double is not.
  uint64_t bytes = 0;
  const auto whole = std::from_chars(digits.data(), digits_end, bytes);
  if (whole.ptr != digits_end) {
    const double scaled = number * unit_bytes;
    if (scaled < 18446744073709551616.0) return static_cast<uint64_t>(scaled);
  } else if (whole.ec == std::errc() &&
             !__builtin_mul_overflow(bytes, static_cast<uint64_t>(unit_bytes), &bytes)) {
    return bytes;
  }
  return InvalidArgument("too large: " + std::string(text));
}

// A number with one decimal under ten and none from there on, then `separator` and the unit.
std::string FormatScaled(uint64_t bytes, double base, std::string_view separator,
                         const std::array<std::string_view, 7>& units) {
  size_t power = 0;
  double scaled = static_cast<double>(bytes);
  while (scaled >= base && power + 1 < units.size()) {
    scaled /= base;
    ++power;
  }
  const double rounded = std::floor(scaled * 10 + 0.5) / 10;
  char number[32];
  std::snprintf(number, sizeof number, power > 0 && rounded < 10 ? "%.1f" : "%.0f", rounded);
  std::string text(number);
  text += separator;
  text += units[power];
  return text;
}

// Appends `units`.`fraction` without trailing zeros; `fraction` counts 10^-digits.
void AppendDecimal(std::string& out, uint64_t units, uint64_t fraction, int digits) {
  out += std::to_string(units);
  if (fraction == 0) return;
  std::string text = std::to_string(fraction);
  text.insert(0, static_cast<size_t>(digits) - text.size(), '0');
  while (text.back() == '0') text.pop_back();
  out += '.';
  out += text;
}

}  // namespace

Result<Nanoseconds> ParsePrometheusDuration(std::string_view text) {
  if (text == "0") return Nanoseconds(0);
  if (text.empty()) return InvalidArgument("empty duration string");
  const auto malformed = [&] {
    return InvalidArgument("not a valid duration string: " + GoQuote(text));
  };
  std::string_view rest = text;
  size_t next_unit = 0;
  int64_t total = 0;
  while (!rest.empty()) {
    const std::string_view digits = TakeWhile(rest, IsDigit);
    const std::string_view name = TakeWhile(rest, [](char c) { return !IsDigit(c); });
    if (digits.empty() || name.empty()) return malformed();
    const auto unit = std::find_if(kPrometheusUnits.begin(), kPrometheusUnits.end(),
                                   [&](const Unit& u) { return u.name == name; });
    if (unit == kPrometheusUnits.end()) {
      return InvalidArgument("unknown unit " + GoQuote(name) + " in duration " + GoQuote(text));
    }
    if (unit < kPrometheusUnits.begin() + next_unit) return malformed();
    next_unit = static_cast<size_t>(unit - kPrometheusUnits.begin()) + 1;
    int64_t count = 0;
    int64_t ns = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (parsed.ec != std::errc() || __builtin_mul_overflow(count, unit->ns, &ns) ||
        __builtin_add_overflow(total, ns, &total)) {
      return InvalidArgument("duration out of range");
    }
  }
  return Nanoseconds(total);
}

Result<Nanoseconds> ParseGoDuration(std::string_view text) {
  std::string_view rest = text;
  bool negative = false;
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) {
    negative = rest[0] == '-';
    rest.remove_prefix(1);
  }
  if (rest == "0") return Nanoseconds(0);
  if (rest.empty()) return GoError("invalid", text);
  constexpr uint64_t kLimit = uint64_t{1} << 63;  // Of the magnitude, reached by the negative only.
  uint64_t total = 0;
  while (!rest.empty()) {
    const std::string_view whole = TakeWhile(rest, IsDigit);
    std::string_view fraction;
    if (!rest.empty() && rest[0] == '.') {
      rest.remove_prefix(1);
      fraction = TakeWhile(rest, IsDigit);
    }
    if (whole.empty() && fraction.empty()) return GoError("invalid", text);
    const std::string_view name = TakeWhile(rest, [](char c) { return c != '.' && !IsDigit(c); });
    if (name.empty()) return GoError("missing unit in", text);
    const auto* unit = std::find_if(kGoUnits.begin(), kGoUnits.end(),
                                    [&](const Unit& u) { return u.name == name; });
    if (unit == kGoUnits.end()) {
      return InvalidArgument("time: unknown unit " + TimeQuote(name) + " in duration " +
                             TimeQuote(text));
    }
    uint64_t count = 0;
    if (!whole.empty() &&
        std::from_chars(whole.data(), whole.data() + whole.size(), count).ec != std::errc()) {
      return GoError("invalid", text);
    }
    uint64_t ns = 0;
    if (__builtin_mul_overflow(count, static_cast<uint64_t>(unit->ns), &ns)) {
      return GoError("invalid", text);
    }
    ns += FractionNs(fraction, unit->ns);
    if (__builtin_add_overflow(total, ns, &total) || total > kLimit)
      return GoError("invalid", text);
  }
  if (negative) return Nanoseconds(static_cast<int64_t>(0 - total));
  if (total > static_cast<uint64_t>(kMaxNs)) return GoError("invalid", text);
  return Nanoseconds(static_cast<int64_t>(total));
}

Result<Nanoseconds> ParseDuration(std::string_view text) {
  Result<Nanoseconds> prometheus = ParsePrometheusDuration(text);
  if (prometheus.ok()) return prometheus;
  Result<Nanoseconds> go = ParseGoDuration(text);
  return go.ok() ? go : prometheus;
}

std::string FormatPrometheusDuration(Nanoseconds d) {
  const bool negative = d.count() < 0;
  uint64_t ns = negative ? 0 - static_cast<uint64_t>(d.count()) : static_cast<uint64_t>(d.count());
  ns -= ns % kMillisecond;
  if (ns == 0) return "0s";
  std::string text = negative ? "-" : "";
  for (const Unit& unit : kPrometheusUnits) {
    const auto unit_ns = static_cast<uint64_t>(unit.ns);
    if (ns < unit_ns || (unit.only_exact && ns % unit_ns != 0)) continue;
    text += std::to_string(ns / unit_ns);
    text += unit.name;
    ns %= unit_ns;
  }
  return text;
}

std::string FormatGoDuration(Nanoseconds d) {
  if (d.count() == 0) return "0s";
  const bool negative = d.count() < 0;
  const uint64_t ns =
      negative ? 0 - static_cast<uint64_t>(d.count()) : static_cast<uint64_t>(d.count());
  std::string text = negative ? "-" : "";
  if (ns < 1'000) return text + std::to_string(ns) + "ns";
  if (ns < kMillisecond) {
    AppendDecimal(text, ns / 1'000, ns % 1'000, 3);
    return text + "\u00b5s";
  }
  if (ns < kSecond) {
    AppendDecimal(text, ns / kMillisecond, ns % kMillisecond, 6);
    return text + "ms";
  }
  if (ns >= kHour) text += std::to_string(ns / kHour) + "h";
  if (ns >= kMinute) text += std::to_string(ns / kMinute % 60) + "m";
  AppendDecimal(text, ns / kSecond % 60, ns % kSecond, 9);
  return text + "s";
}

Result<uint64_t> ParseByteSize(std::string_view text) { return ParseSize(text, 1024); }

std::string FormatByteSize(uint64_t bytes) {
  size_t power = 0;
  while (bytes != 0 && bytes % 1024 == 0 && power + 1 < kSizeLetters.size()) {
    bytes /= 1024;
    ++power;
  }
  return std::to_string(bytes) + std::string(kSizeLetters[power]) + "B";
}

Result<uint64_t> ParseHumanBytes(std::string_view text) {
  if (text.starts_with(' ')) return InvalidArgument("invalid size " + GoQuote(text));
  return ParseSize(text, 1000);
}

std::string FormatHumanBytes(uint64_t bytes) {
  return FormatScaled(bytes, 1000, "", {"B", "kB", "MB", "GB", "TB", "PB", "EB"});
}

std::string FormatIecBytes(uint64_t bytes) {
  return FormatScaled(bytes, 1024, " ", {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"});
}

}  // namespace skald
