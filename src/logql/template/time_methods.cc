#include "logql/template/time_methods.h"

#include <algorithm>
#include <string>

#include "logql/template/time_printer.h"

namespace skald::logql {
namespace {

using Type = TemplateType;
using Call = TemplateCall;
using Kind = TemplateValue::Kind;

constexpr int64_t kNanos = 1'000'000'000;
constexpr int64_t kMaxMove = 10'000'000;  // Days, months or years: past any date Go can print.

const GoTime& Self(const Call& call) { return call.args[0].time; }

// The time's own zone holds for what is derived of it; without a table of the zone that is the
// offset it has now.
GoTime Moved(const GoTime& from, int64_t seconds, int64_t nanoseconds) {
  GoTime time = from;
  const int64_t carry = nanoseconds / kNanos - (nanoseconds % kNanos < 0 ? 1 : 0);
  time.seconds = seconds + carry;
  time.nanoseconds = static_cast<int32_t>(nanoseconds - carry * kNanos);
  return time;
}

bool GiveInt(Call& call, int64_t value) { return call.Give(TemplateValue::Int(value)); }
bool GiveInt64(Call& call, int64_t value) {
  return call.Give(TemplateValue::Int(value, Kind::kInt64));
}

bool Unix(Call& call) { return GiveInt64(call, Self(call).seconds); }
bool UnixMilli(Call& call) { return GiveInt64(call, Self(call).UnixMillis()); }
bool UnixMicro(Call& call) { return GiveInt64(call, Self(call).UnixMicros()); }
bool UnixNano(Call& call) { return GiveInt64(call, Self(call).UnixNanos()); }
bool Year(Call& call) { return GiveInt(call, CivilOf(Self(call)).year); }
bool Month(Call& call) {
  const auto month = static_cast<size_t>(CivilOf(Self(call)).month - 1);
  return call.Give(TemplateValue::String(MonthNames()[month]));
}
bool Day(Call& call) { return GiveInt(call, CivilOf(Self(call)).day); }
bool Hour(Call& call) { return GiveInt(call, CivilOf(Self(call)).hour); }
bool Minute(Call& call) { return GiveInt(call, CivilOf(Self(call)).minute); }
bool Second(Call& call) { return GiveInt(call, CivilOf(Self(call)).second); }
bool Nanosecond(Call& call) { return GiveInt(call, Self(call).nanoseconds); }
bool Weekday(Call& call) {
  const auto day = static_cast<size_t>(CivilOf(Self(call)).weekday);
  return call.Give(TemplateValue::String(WeekdayNames()[day]));
}
bool YearDay(Call& call) { return GiveInt(call, CivilOf(Self(call)).year_day); }
bool IsZero(Call& call) { return call.Give(TemplateValue::Bool(Self(call).IsZero())); }

bool Utc(Call& call) {
  return call.Give(TemplateValue::Time(UtcTime(Self(call).seconds, Self(call).nanoseconds)));
}
bool Local(Call& call) {
  return call.Give(TemplateValue::Time(LocalTime(Self(call).seconds, Self(call).nanoseconds)));
}

bool Format(Call& call) {
  std::string text;
  AppendGoTime(text, Self(call), call.text(1));
  return call.GiveText(text);
}
bool String(Call& call) {
  std::string text;
  AppendValue(text, call.args[0]);
  return call.GiveText(text);
}

bool AddDate(Call& call) {
  for (size_t a = 1; a < 4; ++a) {
    if (call.integer(a) > kMaxMove || call.integer(a) < -kMaxMove)
      return call.Fail("date out of range");
  }
  const CivilTime civil = CivilOf(Self(call));
  const int64_t month = civil.month - 1 + call.integer(2);
  const int64_t year = civil.year + call.integer(1) + month / 12 - (month % 12 < 0 ? 1 : 0);
  const int64_t clock = Self(call).seconds + Self(call).offset;
  const int64_t days = DaysOf(year, static_cast<int>((month % 12 + 12) % 12 + 1), civil.day) +
                       call.integer(3) - DaysOf(civil.year, civil.month, civil.day);
  return call.Give(TemplateValue::Time(
      Moved(Self(call), clock - Self(call).offset + days * kDaySeconds, Self(call).nanoseconds)));
}

// Nanoseconds, as a literal duration is written.
bool Add(Call& call) {
  return call.Give(
      TemplateValue::Time(Moved(Self(call), Self(call).seconds + call.integer(1) / kNanos,
                                Self(call).nanoseconds + call.integer(1) % kNanos)));
}

int Order(const Call& call) {
  const GoTime& a = Self(call);
  const GoTime& b = call.args[1].time;
  if (a.seconds != b.seconds) return a.seconds < b.seconds ? -1 : 1;
  return a.nanoseconds == b.nanoseconds ? 0 : a.nanoseconds < b.nanoseconds ? -1 : 1;
}
bool Before(Call& call) { return call.Give(TemplateValue::Bool(Order(call) < 0)); }
bool After(Call& call) { return call.Give(TemplateValue::Bool(Order(call) > 0)); }
bool EqualTo(Call& call) { return call.Give(TemplateValue::Bool(Order(call) == 0)); }

}  // namespace

const TemplateFunction* FindTimeMethod(std::string_view name) {
  static const std::vector<TemplateFunction> table = {
      {"Unix", {Type::kTime}, false, Unix},
      {"UnixMilli", {Type::kTime}, false, UnixMilli},
      {"UnixMicro", {Type::kTime}, false, UnixMicro},
      {"UnixNano", {Type::kTime}, false, UnixNano},
      {"Year", {Type::kTime}, false, Year},
      {"Month", {Type::kTime}, false, Month},
      {"Day", {Type::kTime}, false, Day},
      {"Hour", {Type::kTime}, false, Hour},
      {"Minute", {Type::kTime}, false, Minute},
      {"Second", {Type::kTime}, false, Second},
      {"Nanosecond", {Type::kTime}, false, Nanosecond},
      {"Weekday", {Type::kTime}, false, Weekday},
      {"YearDay", {Type::kTime}, false, YearDay},
      {"IsZero", {Type::kTime}, false, IsZero},
      {"UTC", {Type::kTime}, false, Utc},
      {"Local", {Type::kTime}, false, Local},
      {"Format", {Type::kTime, Type::kString}, false, Format},
      {"String", {Type::kTime}, false, String},
      {"Add", {Type::kTime, Type::kDuration}, false, Add},
      {"AddDate", {Type::kTime, Type::kInt, Type::kInt, Type::kInt}, false, AddDate},
      {"Before", {Type::kTime, Type::kTime}, false, Before},
      {"After", {Type::kTime, Type::kTime}, false, After},
      {"Equal", {Type::kTime, Type::kTime}, false, EqualTo},
  };
  const auto found = std::find_if(table.begin(), table.end(), [&](const TemplateFunction& method) {
    return method.name == name;
  });
  return found == table.end() ? nullptr : &*found;
}

}  // namespace skald::logql
