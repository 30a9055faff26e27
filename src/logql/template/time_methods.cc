#include "logql/template/time_methods.h"

#include <algorithm>
#include <limits>
#include <string>

#include "logql/template/time_printer.h"

namespace skald::logql {
namespace {

using Type = TemplateType;
using Call = TemplateCall;
using Kind = TemplateValue::Kind;

constexpr int64_t kNanos = 1'000'000'000;
constexpr int64_t kMaxMove = 10'000'000;     // Days, months or years: past any date Go can print.
constexpr int64_t kMaxYear = 1'000'000'000;  // Its seconds fit by far.

const GoTime& Self(const Call& call) { return call.args[0].time; }

// Nanoseconds since Go's zero time, or between two times.
__extension__ typedef __int128 Nanos128;  // NOLINT: std has none.

Nanos128 NanosBetween(const GoTime& from, const GoTime& to) {
  return static_cast<Nanos128>(to.seconds - from.seconds) * kNanos + to.nanoseconds -
         from.nanoseconds;
}

// Where `from` is, so much later.
GoTime Later(const GoTime& from, int64_t nanoseconds) {
  int64_t seconds = nanoseconds / kNanos;
  int64_t rest = from.nanoseconds + nanoseconds % kNanos;
  seconds += rest < 0 ? -1 : rest >= kNanos ? 1 : 0;
  rest += rest < 0 ? kNanos : rest >= kNanos ? -kNanos : 0;
  return TimeLike(from, from.seconds + seconds, static_cast<int32_t>(rest));
}

// How far the time is past the last multiple of `step` since Go's zero time.
int64_t PastMultiple(const GoTime& time, int64_t step) {
  const auto rest = static_cast<int64_t>(NanosBetween(GoTime(), time) % step);
  return rest < 0 ? rest + step : rest;
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
  return call.Give(TemplateValue::Int(CivilOf(Self(call)).month, Kind::kMonth));
}
bool Day(Call& call) { return GiveInt(call, CivilOf(Self(call)).day); }
bool Hour(Call& call) { return GiveInt(call, CivilOf(Self(call)).hour); }
bool Minute(Call& call) { return GiveInt(call, CivilOf(Self(call)).minute); }
bool Second(Call& call) { return GiveInt(call, CivilOf(Self(call)).second); }
bool Nanosecond(Call& call) { return GiveInt(call, Self(call).nanoseconds); }
bool Weekday(Call& call) {
  return call.Give(TemplateValue::Int(CivilOf(Self(call)).weekday, Kind::kWeekday));
}
bool YearDay(Call& call) { return GiveInt(call, CivilOf(Self(call)).year_day); }
bool IsZero(Call& call) { return call.Give(TemplateValue::Bool(Self(call).IsZero())); }

bool Utc(Call& call) {
  return call.Give(TemplateValue::Time(UtcTime(Self(call).seconds, Self(call).nanoseconds)));
}
bool Local(Call& call) {
  return call.Give(TemplateValue::Time(LocalTime(Self(call).seconds, Self(call).nanoseconds)));
}

bool In(Call& call) {
  return call.Give(
      TemplateValue::Time(TimeLike(call.args[1].time, Self(call).seconds, Self(call).nanoseconds)));
}
bool Location(Call& call) { return call.Give(TemplateValue::Location(Self(call))); }
bool IsDst(Call& call) { return call.Give(TemplateValue::Bool(IsDaylightSaving(Self(call)))); }

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

bool GoString(Call& call) {
  std::string text;
  AppendGoSource(text, Self(call));
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
  if (year > kMaxYear || year < -kMaxYear) return call.Fail("date out of range");
  const int64_t clock = Self(call).seconds + Self(call).offset;
  const int64_t days = DaysOf(year, static_cast<int>((month % 12 + 12) % 12 + 1), civil.day) +
                       call.integer(3) - DaysOf(civil.year, civil.month, civil.day);
  return call.Give(TemplateValue::Time(
      ClockLike(Self(call), clock + days * kDaySeconds, Self(call).nanoseconds)));
}

// Nanoseconds, as a literal duration is written.
bool Add(Call& call) { return call.Give(TemplateValue::Time(Later(Self(call), call.integer(1)))); }
// The farthest that a duration can be, if it is farther.
bool Sub(Call& call) {
  const Nanos128 between = NanosBetween(call.args[1].time, Self(call));
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  return call.Give(TemplateValue::Duration(between > kMax   ? kMax
                                           : between < kMin ? kMin
                                                            : static_cast<int64_t>(between)));
}
bool Truncate(Call& call) {
  const int64_t step = call.integer(1);
  return call.Give(TemplateValue::Time(
      step <= 0 ? Self(call) : Later(Self(call), -PastMultiple(Self(call), step))));
}
// Halves go up.
bool Round(Call& call) {
  const int64_t step = call.integer(1);
  if (step <= 0) return call.Give(TemplateValue::Time(Self(call)));
  const int64_t past = PastMultiple(Self(call), step);
  return call.Give(
      TemplateValue::Time(Later(Self(call), past < step - past ? -past : step - past)));
}

int Order(const Call& call) {
  const GoTime& a = Self(call);
  const GoTime& b = call.args[1].time;
  if (a.seconds != b.seconds) return a.seconds < b.seconds ? -1 : 1;
  return a.nanoseconds == b.nanoseconds ? 0 : a.nanoseconds < b.nanoseconds ? -1 : 1;
}
bool Compare(Call& call) { return GiveInt(call, Order(call)); }
bool Before(Call& call) { return call.Give(TemplateValue::Bool(Order(call) < 0)); }
bool After(Call& call) { return call.Give(TemplateValue::Bool(Order(call) > 0)); }
bool EqualTo(Call& call) { return call.Give(TemplateValue::Bool(Order(call) == 0)); }

const TemplateFunction* Find(const std::vector<TemplateFunction>& table, std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const TemplateFunction& method) {
    return method.name == name;
  });
  return found == table.end() ? nullptr : &*found;
}

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
      {"Compare", {Type::kTime, Type::kTime}, false, Compare},
      {"Sub", {Type::kTime, Type::kTime}, false, Sub},
      {"Truncate", {Type::kTime, Type::kDuration}, false, Truncate},
      {"Round", {Type::kTime, Type::kDuration}, false, Round},
      {"GoString", {Type::kTime}, false, GoString},
      {"IsDST", {Type::kTime}, false, IsDst},
      {"Location", {Type::kTime}, false, Location},
      {"In", {Type::kTime, Type::kLocation}, false, In},
      {"Clock",
       {Type::kTime},
       false,
       nullptr,
       "function Clock has 3 return values; should be 1 or 2"},
      {"Date",
       {Type::kTime},
       false,
       nullptr,
       "function Date has 3 return values; should be 1 or 2"},
      {"ISOWeek",
       {Type::kTime},
       false,
       nullptr,
       "invalid function signature for ISOWeek: second return value should be error; is int"},
      {"Zone",
       {Type::kTime},
       false,
       nullptr,
       "invalid function signature for Zone: second return value should be error; is int"},
      {"ZoneBounds",
       {Type::kTime},
       false,
       nullptr,
       "invalid function signature for ZoneBounds: second return value should be error; is "
       "time.Time"},
  };
  return Find(table, name);
}

const TemplateFunction* FindNameMethod(std::string_view name) {
  static const std::vector<TemplateFunction> table = {
      {"String", {Type::kAny}, false, String},
  };
  return Find(table, name);
}

}  // namespace skald::logql
