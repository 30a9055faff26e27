#include "logql/template/duration_methods.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

namespace skald::logql {
namespace {

using Type = TemplateType;
using Call = TemplateCall;
using Kind = TemplateValue::Kind;

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

int64_t Self(const Call& call) { return call.integer(0); }

// Whole units and the rest apart, as Go does, so that the same digits come out.
template <int64_t unit>
bool InUnits(Call& call) {
  return call.Give(
      TemplateValue::Float(static_cast<double>(Self(call) / unit) +
                           static_cast<double>(Self(call) % unit) / static_cast<double>(unit)));
}
template <int64_t unit>
bool WholeUnits(Call& call) {
  return call.Give(TemplateValue::Int(Self(call) / unit, Kind::kInt64));
}

bool String(Call& call) {
  std::string text;
  AppendValue(text, call.args[0]);
  return call.GiveText(text);
}

bool Abs(Call& call) {
  const int64_t self = Self(call);
  return call.Give(TemplateValue::Duration(self >= 0 ? self : self == kMin ? kMax : -self));
}

bool Truncate(Call& call) {
  const int64_t step = call.integer(1);
  return call.Give(
      TemplateValue::Duration(step <= 0 ? Self(call) : Self(call) - Self(call) % step));
}

// To the nearest multiple, halves away from zero; what does not fit becomes the farthest that does.
bool Round(Call& call) {
  const int64_t self = Self(call);
  const int64_t step = call.integer(1);
  if (step <= 0) return call.Give(TemplateValue::Duration(self));
  const int64_t rest = self % step;
  const int64_t toward_zero = self - rest;
  const auto far = static_cast<uint64_t>(rest < 0 ? -rest : rest);
  if (2 * far < static_cast<uint64_t>(step)) return call.Give(TemplateValue::Duration(toward_zero));
  if (self < 0) {
    return call.Give(
        TemplateValue::Duration(toward_zero < kMin + step ? kMin : toward_zero - step));
  }
  return call.Give(TemplateValue::Duration(toward_zero > kMax - step ? kMax : toward_zero + step));
}

}  // namespace

const TemplateFunction* FindDurationMethod(std::string_view name) {
  static const std::vector<TemplateFunction> table = {
      {"Hours", {Type::kDuration}, false, InUnits<3600 * kSecond>},
      {"Minutes", {Type::kDuration}, false, InUnits<60 * kSecond>},
      {"Seconds", {Type::kDuration}, false, InUnits<kSecond>},
      {"Milliseconds", {Type::kDuration}, false, WholeUnits<1'000'000>},
      {"Microseconds", {Type::kDuration}, false, WholeUnits<1'000>},
      {"Nanoseconds", {Type::kDuration}, false, WholeUnits<1>},
      {"String", {Type::kDuration}, false, String},
      {"Abs", {Type::kDuration}, false, Abs},
      {"Truncate", {Type::kDuration, Type::kDuration}, false, Truncate},
      {"Round", {Type::kDuration, Type::kDuration}, false, Round},
  };
  const auto found = std::find_if(table.begin(), table.end(), [&](const TemplateFunction& method) {
    return method.name == name;
  });
  return found == table.end() ? nullptr : &*found;
}

}  // namespace skald::logql
