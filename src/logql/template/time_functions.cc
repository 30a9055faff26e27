#include <charconv>
#include <string>

#include "common/clock.h"
#include "logql/template/template_functions.h"
#include "logql/template/time_parser.h"
#include "logql/template/time_printer.h"

namespace skald::logql {
namespace {

using Type = TemplateType;
using Call = TemplateCall;
using Kind = TemplateValue::Kind;

constexpr int64_t kSecond = 1'000'000'000;

bool GiveTime(Call& call, const GoTime& time) { return call.Give(TemplateValue::Time(time)); }
bool GiveNumber(Call& call, int64_t number) { return call.GiveText(std::to_string(number)); }

GoTime LocalNanos(int64_t ns) {
  const int64_t seconds = ns / kSecond - (ns % kSecond < 0 ? 1 : 0);
  return LocalTime(seconds, static_cast<int32_t>(ns - seconds * kSecond));
}

bool Timestamp(Call& call) { return GiveTime(call, LocalNanos(call.input.time_ns)); }
bool Now(Call& call) { return GiveTime(call, LocalNanos(SystemClock().NowNs())); }

bool Date(Call& call) {
  const TemplateValue& when = call.args[1];
  const GoTime time = when.kind == Kind::kTime ? when.time
                      : when.IsInteger()       ? LocalTime(when.integer, 0)
                                               : LocalNanos(SystemClock().NowNs());
  std::string text;
  AppendGoTime(text, LocalTime(time.seconds, time.nanoseconds), call.text(0));
  return call.GiveText(text);
}

bool ToDate(Call& call) {
  return GiveTime(call, ParseGoTime(call.text(0), call.text(1), "Local").value_or(GoTime()));
}
bool ToDateInZone(Call& call) {
  return GiveTime(call, ParseGoTime(call.text(0), call.text(2), call.text(1)).value_or(GoTime()));
}

bool UnixEpoch(Call& call) { return GiveNumber(call, call.args[0].time.seconds); }
bool UnixEpochMillis(Call& call) { return GiveNumber(call, call.args[0].time.UnixMillis()); }
bool UnixEpochNanos(Call& call) { return GiveNumber(call, call.args[0].time.UnixNanos()); }

// The unit follows from the number of digits.
bool UnixToTime(Call& call) {
  const std::string_view text = call.text(0);
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    return call.Fail("unable to parse time '" + std::string(text) + "'");
  }
  switch (text.size()) {
    case 5:
      return GiveTime(call, LocalTime(number * 86400, 0));
    case 10:
      return GiveTime(call, LocalTime(number, 0));
    case 13:
      return GiveTime(call, LocalNanos(number * 1'000'000));
    case 16:
      return GiveTime(call, LocalNanos(number * 1'000));
    case 19:
      return GiveTime(call, LocalNanos(number));
    default:
      return call.Fail("unable to parse time '" + std::string(text) + "'");
  }
}

}  // namespace

std::span<const TemplateFunction> TimeTemplateFunctions() {
  static const std::vector<TemplateFunction> table = {
      {"__timestamp__", {}, false, Timestamp},
      {"now", {}, false, Now},
      {"date", {Type::kString, Type::kAny}, false, Date},
      {"toDate", {Type::kString, Type::kString}, false, ToDate},
      {"toDateInZone", {Type::kString, Type::kString, Type::kString}, false, ToDateInZone},
      {"unixEpoch", {Type::kTime}, false, UnixEpoch},
      {"unixEpochMillis", {Type::kTime}, false, UnixEpochMillis},
      {"unixEpochNanos", {Type::kTime}, false, UnixEpochNanos},
      {"unixToTime", {Type::kString}, false, UnixToTime},
  };
  return table;
}

}  // namespace skald::logql
