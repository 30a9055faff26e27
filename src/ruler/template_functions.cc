#include "ruler/template_functions.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <span>
#include <utility>
#include <vector>

#include "common/civil_time.h"
#include "common/duration.h"
#include "common/hash.h"
#include "logql/stages/value_text.h"
#include "ruler/query_functions.h"

namespace skald::ruler {
namespace {

using Type = logql::TemplateType;
using Call = logql::TemplateCall;
using logql::TemplateFunction;
using logql::TemplateValue;

constexpr double kMaxSeconds = 9.2e9;  // That fit nanoseconds in 64 bits.

// C's %.4g and Go's agree but for exponents, which do not occur between 0.001 and 1000.
std::string FourDigits(double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.4g", value);
  return text.data();
}

std::string NotFinite(double value) {
  return std::isnan(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}

// Numbers, texts that are such, and durations in seconds.
bool ToNumber(Call& call, const TemplateValue& value, double& number) {
  if (value.kind == TemplateValue::Kind::kFloat) {
    number = value.number;
  } else if (value.kind == TemplateValue::Kind::kDuration) {
    number = static_cast<double>(value.integer) / 1e9;
  } else if (value.IsInteger()) {
    number = static_cast<double>(value.integer);
  } else if (value.kind != TemplateValue::Kind::kString) {
    return call.Fail("can't convert " + std::string(logql::TypeName(value)) + " to float");
  } else if (!logql::ParseGoFloat(value.text, number)) {
    return call.Fail("strconv.ParseFloat: parsing \"" + std::string(value.text) +
                     "\": invalid syntax");
  }
  return true;
}

template <std::string (*Print)(double)>
bool Numbered(Call& call) {
  double number = 0;
  return ToNumber(call, call.args[0], number) && call.GiveText(Print(number));
}

// "2024-01-01 00:00:00.5 +0000 UTC", as Go prints a time.
std::string HumanizeTimestamp(double seconds) {
  if (!std::isfinite(seconds) || std::fabs(seconds) > kMaxSeconds) return FourDigits(seconds);
  // Compat: Prometheus counts in milliseconds here.
  const auto millis = static_cast<int64_t>(std::floor(seconds * 1e3));
  const CivilTime t = ToCivilTime(millis * 1'000'000);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02d %02d:%02d:%02d", t.year, t.month, t.day,
                t.hour, t.minute, t.second);
  std::string out = text.data();
  if (t.nanos > 0) {
    std::snprintf(text.data(), text.size(), ".%09d", t.nanos);
    out += text.data();
    while (out.back() == '0') out.pop_back();
  }
  return out + " +0000 UTC";
}

// A time that can be formatted: .Format, .Unix.
bool ToTime(Call& call) {
  double seconds = 0;
  if (!ToNumber(call, call.args[0], seconds)) return false;
  if (!std::isfinite(seconds) || std::fabs(seconds) > kMaxSeconds) {
    return call.Fail(FourDigits(seconds) + " cannot be represented as a nanoseconds timestamp");
  }
  // Compat: milliseconds, as of HumanizeTimestamp.
  const auto millis = static_cast<int64_t>(std::floor(seconds * 1e3));
  const int64_t whole = (millis >= 0 ? millis : millis - 999) / 1000;
  logql::GoTime time;
  time.seconds = whole;
  time.nanoseconds = static_cast<int32_t>((millis - whole * 1000) * 1'000'000);
  return call.Give(TemplateValue::Time(time));
}

bool ToDuration(Call& call) {
  double seconds = 0;
  if (!ToNumber(call, call.args[0], seconds)) return false;
  if (!std::isfinite(seconds) || std::fabs(seconds) > kMaxSeconds) {
    return call.Fail(FourDigits(seconds) + " cannot be represented as a duration");
  }
  TemplateValue duration = TemplateValue::Duration(static_cast<int64_t>(seconds * 1e9));
  duration.pointer = true;
  return call.Give(duration);
}

bool Match(Call& call) {
  const auto regex = call.heap.regexes.Compile(call.text(0));
  if (!regex.ok()) return call.Fail(std::string(regex.status().message()));
  return call.Give(TemplateValue::Bool((*regex)->Matches(call.text(1))));
}

bool ReplaceAll(Call& call) {
  constexpr size_t kMaxReplacedBytes = 64 << 20;
  const auto regex = call.heap.regexes.Compile(call.text(0));
  if (!regex.ok()) return call.Fail(std::string(regex.status().message()));
  const std::string_view text = call.text(2);
  const std::string_view replacement = call.text(1);
  const auto dollars = static_cast<size_t>(std::count(replacement.begin(), replacement.end(), '$'));
  if ((text.size() + 1) * (replacement.size() + dollars + 1) > kMaxReplacedBytes) {
    return call.Fail("the result could be too long");
  }
  return call.GiveText((*regex)->ReplaceAll(text, replacement, false));
}

// "host" of "host:port", without the brackets of an address.
bool StripPort(Call& call) {
  const std::string_view text = call.text(0);
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return call.GiveText(text);
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return call.GiveText(text);  // An address without a port.
  }
  return call.GiveText(host);
}

bool StripDomain(Call& call) {
  const std::string_view text = call.text(0);
  const size_t colon = text.find(':');
  const std::string_view host = text.substr(0, colon);
  const std::string_view port = colon == std::string_view::npos ? "" : text.substr(colon);
  return call.GiveText(std::string(host.substr(0, host.find('.'))) + std::string(port));
}

bool ParseDurationSeconds(Call& call) {
  const auto length = ParsePrometheusDuration(call.text(0));
  if (!length.ok()) return call.Fail(std::string(length.status().message()));
  return call.Give(TemplateValue::Float(static_cast<double>(length->count()) / 1e9));
}

bool SafeHtml(Call& call) { return call.GiveText(call.text(0)); }

// Of a URL's query, where a blank is a plus.
std::string Escaped(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-_.~").find(c) != std::string_view::npos;
    if (plain) {
      out.push_back(c);
    } else if (c == ' ') {
      out.push_back('+');
    } else {
      out.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
  }
  return out;
}
bool UrlQueryEscape(Call& call) { return call.GiveText(Escaped(call.text(0))); }

// Links to the expression on Prometheus' page, as its rules use them.
bool GraphLink(Call& call) {
  return call.GiveText("/graph?g0.expr=" + Escaped(call.text(0)) + "&g0.tab=0");
}
bool TableLink(Call& call) {
  return call.GiveText("/graph?g0.expr=" + Escaped(call.text(0)) + "&g0.tab=1");
}

// Names of Prometheus for what logql has under another.
const TemplateFunction* Renamed(std::string_view name) {
  if (name == "toUpper") return logql::FindTemplateFunction("ToUpper");
  if (name == "toLower") return logql::FindTemplateFunction("ToLower");
  return nullptr;
}

// What text/template itself has, and title.
bool IsCommon(std::string_view name) {
  static constexpr std::array<std::string_view, 20> kCommon = {
      "and", "or",   "not", "len", "index", "slice", "print", "printf", "println",  "html",
      "js",  "call", "eq",  "ne",  "lt",    "le",    "gt",    "ge",     "urlquery", "title"};
  return std::find(kCommon.begin(), kCommon.end(), name) != kCommon.end();
}

}  // namespace

std::string Humanize(double value) {
  static constexpr std::array<const char*, 8> kLarge = {"k", "M", "G", "T", "P", "E", "Z", "Y"};
  static constexpr std::array<const char*, 8> kSmall = {"m", "u", "n", "p", "f", "a", "z", "y"};
  if (!std::isfinite(value)) return NotFinite(value);
  if (value == 0) return FourDigits(value);
  const char* prefix = "";
  const bool large = std::fabs(value) >= 1;
  for (const char* next : large ? kLarge : kSmall) {
    if (large ? std::fabs(value) < 1000 : std::fabs(value) >= 1) break;
    prefix = next;
    value = large ? value / 1000 : value * 1000;
  }
  return FourDigits(value) + prefix;
}

std::string Humanize1024(double value) {
  static constexpr std::array<const char*, 8> kLarge = {"ki", "Mi", "Gi", "Ti",
                                                        "Pi", "Ei", "Zi", "Yi"};
  if (!std::isfinite(value)) return NotFinite(value);
  const char* prefix = "";
  if (std::fabs(value) > 1) {
    for (const char* next : kLarge) {
      if (std::fabs(value) < 1024) break;
      prefix = next;
      value /= 1024;
    }
  }
  return FourDigits(value) + prefix;
}

std::string HumanizeDuration(double seconds) {
  static constexpr std::array<const char*, 8> kSmall = {"m", "u", "n", "p", "f", "a", "z", "y"};
  if (!std::isfinite(seconds)) return NotFinite(seconds);
  if (seconds == 0) return FourDigits(seconds) + "s";
  if (std::fabs(seconds) < 1) {
    const char* prefix = "";
    for (const char* next : kSmall) {
      if (std::fabs(seconds) >= 1) break;
      prefix = next;
      seconds *= 1000;
    }
    return FourDigits(seconds) + prefix + "s";
  }
  const std::string sign = seconds < 0 ? "-" : "";
  seconds = std::fabs(seconds);
  if (seconds >= 9e15) return sign + FourDigits(seconds) + "s";
  const auto whole = static_cast<int64_t>(seconds);
  const std::string s = std::to_string(whole % 60);
  const std::string m = std::to_string(whole / 60 % 60);
  const std::string h = std::to_string(whole / 3600 % 24);
  const int64_t days = whole / 86400;
  if (days != 0) return sign + std::to_string(days) + "d " + h + "h " + m + "m " + s + "s";
  if (whole >= 3600) return sign + h + "h " + m + "m " + s + "s";
  if (whole >= 60) return sign + m + "m " + s + "s";
  return sign + FourDigits(seconds) + "s";
}

std::string HumanizePercentage(double value) { return FourDigits(value * 100) + "%"; }

const TemplateFunction* FindAlertFunction(std::string_view name) {
  static const std::vector<TemplateFunction> table = {
      {"humanize", {Type::kAny}, false, Numbered<Humanize>},
      {"humanize1024", {Type::kAny}, false, Numbered<Humanize1024>},
      {"humanizeDuration", {Type::kAny}, false, Numbered<HumanizeDuration>},
      {"humanizePercentage", {Type::kAny}, false, Numbered<HumanizePercentage>},
      {"humanizeTimestamp", {Type::kAny}, false, Numbered<HumanizeTimestamp>},
      {"match", {Type::kString, Type::kString}, false, Match},
      {"reReplaceAll", {Type::kString, Type::kString, Type::kString}, false, ReplaceAll},
      {"stripPort", {Type::kString}, false, StripPort},
      {"stripDomain", {Type::kString}, false, StripDomain},
      {"parseDuration", {Type::kString}, false, ParseDurationSeconds},
      {"safeHtml", {Type::kString}, false, SafeHtml},
      {"toTime", {Type::kAny}, false, ToTime},
      {"toDuration", {Type::kAny}, false, ToDuration},
      {"urlQueryEscape", {Type::kString}, false, UrlQueryEscape},
      {"graphLink", {Type::kString}, false, GraphLink},
      {"tableLink", {Type::kString}, false, TableLink},
  };
  for (const std::span<const TemplateFunction> functions : {std::span(table), QueryFunctions()}) {
    const auto found = std::find_if(functions.begin(), functions.end(),
                                    [&](const TemplateFunction& f) { return f.name == name; });
    if (found != functions.end()) return &*found;
  }
  if (const TemplateFunction* renamed = Renamed(name); renamed != nullptr) return renamed;
  return IsCommon(name) ? logql::FindTemplateFunction(name) : nullptr;
}

}  // namespace skald::ruler
