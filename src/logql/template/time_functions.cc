#include <charconv>
#include <string>

#include "common/clock.h"
#include "logql/template/template_functions.h"

namespace skald::logql {
namespace {

using Type = TemplateType;
using Call = TemplateCall;
using Kind = TemplateValue::Kind;

constexpr int64_t kSecond = 1'000'000'000;

bool GiveTime(Call& call, const GoTime& time) {
  call.result = TemplateValue::Time(time);
  return true;
}
bool GiveNumber(Call& call, int64_t number) {
  call.result = TemplateValue::String(call.heap.texts.Copy(std::to_string(number)));
  return true;
}

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
  AppendGoTime(text, LocalTime(time.seconds, time.nanoseconds), call.args[0].text);
  call.result = TemplateValue::String(call.heap.texts.Copy(text));
  return true;
}

bool ToDate(Call& call) {
  return GiveTime(call,
                  ParseGoTime(call.args[0].text, call.args[1].text, "Local").value_or(GoTime()));
}
bool ToDateInZone(Call& call) {
  return GiveTime(
      call,
      ParseGoTime(call.args[0].text, call.args[2].text, call.args[1].text).value_or(GoTime()));
}

bool UnixEpoch(Call& call) { return GiveNumber(call, call.args[0].time.seconds); }
bool UnixEpochMillis(Call& call) {
  const GoTime& time = call.args[0].time;
  return GiveNumber(call, time.seconds * 1000 + time.nanoseconds / 1'000'000);
}
bool UnixEpochNanos(Call& call) { return GiveNumber(call, call.args[0].time.UnixNanos()); }

// The unit follows from the number of digits.
bool UnixToTime(Call& call) {
  const std::string_view text = call.args[0].text;
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    call.error = "unable to parse time '" + std::string(text) + "'";
    return false;
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
      call.error = "unable to parse time '" + std::string(text) + "'";
      return false;
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
