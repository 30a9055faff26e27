#include "logql/template/template_value.h"

#include <algorithm>

#include "common/duration.h"
#include "logql/template/go_float.h"
#include "logql/template/time_printer.h"

namespace skald::logql {

namespace {

// The name at `place`; behind the last there is only the number.
void AppendName(std::string& out, std::span<const std::string_view> names, int64_t place,
                std::string_view bad, int64_t number) {
  if (place >= 0 && place < static_cast<int64_t>(names.size())) {
    out += names[static_cast<size_t>(place)];
    return;
  }
  out.append(bad).append(std::to_string(static_cast<uint64_t>(number))).push_back(')');
}

}  // namespace

const TemplateValue* TemplateMap::Find(std::string_view name) const {
  const auto at =
      std::lower_bound(members.begin(), members.end(), name,
                       [](const auto& member, std::string_view n) { return member.first < n; });
  return at != members.end() && at->first == name ? &at->second : nullptr;
}

std::string_view TypeName(const TemplateValue& value) {
  using Kind = TemplateValue::Kind;
  switch (value.kind) {
    case Kind::kNil:
      return "<nil>";
    case Kind::kBool:
      return "bool";
    case Kind::kInt:
      return "int";
    case Kind::kInt64:
      return "int64";
    case Kind::kByte:
      return "uint8";
    case Kind::kFloat:
      return "float64";
    case Kind::kString:
      return "string";
    case Kind::kTime:
      return "time.Time";
    case Kind::kDuration:
      return "time.Duration";
    case Kind::kMonth:
      return "time.Month";
    case Kind::kWeekday:
      return "time.Weekday";
    case Kind::kLocation:
      return "*time.Location";
    case Kind::kList:
      return "[]interface {}";
    case Kind::kMap:
      return "map[string]interface {}";
    case Kind::kLabels:
      return "map[string]string";
  }
  return "";
}

bool IsTruth(const TemplateValue& value) {
  using Kind = TemplateValue::Kind;
  switch (value.kind) {
    case Kind::kNil:
      return false;
    case Kind::kBool:
      return value.boolean;
    case Kind::kInt:
    case Kind::kInt64:
    case Kind::kByte:
    case Kind::kMonth:
    case Kind::kWeekday:
      return value.integer != 0;
    case Kind::kFloat:
      return value.number != 0;
    case Kind::kString:
      return !value.text.empty();
    case Kind::kDuration:
      return value.pointer || value.integer != 0;
    case Kind::kTime:
    case Kind::kLocation:
      return true;
    case Kind::kList:
      return !value.list->items.empty();
    case Kind::kMap:
    case Kind::kLabels:
      return value.map == nullptr || !value.map->members.empty();
  }
  return false;
}

void AppendValue(std::string& out, const TemplateValue& value) {
  using Kind = TemplateValue::Kind;
  switch (value.kind) {
    case Kind::kNil:
      out += "<nil>";
      break;
    case Kind::kBool:
      out += value.boolean ? "true" : "false";
      break;
    case Kind::kInt:
    case Kind::kInt64:
    case Kind::kByte:
      out += std::to_string(value.integer);
      break;
    case Kind::kFloat:
      AppendGoFloat(out, value.number, 'g', -1);
      break;
    case Kind::kString:
      out += value.text;
      break;
    case Kind::kTime:
      AppendGoTime(out, value.time, "2006-01-02 15:04:05.999999999 -0700 MST");
      break;
    case Kind::kDuration:
      out += FormatGoDuration(Nanoseconds(value.integer));
      break;
    case Kind::kMonth:
      AppendName(out, MonthNames(), value.integer - 1, "%!Month(", value.integer);
      break;
    case Kind::kWeekday:
      AppendName(out, WeekdayNames(), value.integer, "%!Weekday(", value.integer);
      break;
    case Kind::kLocation:
      out += LocationName(value.time);
      break;
    case Kind::kList:
      out.push_back('[');
      for (size_t i = 0; i < value.list->items.size(); ++i) {
        out.append(i == 0 ? "" : " ");
        AppendValue(out, value.list->items[i]);
      }
      out.push_back(']');
      break;
    case Kind::kMap:
    case Kind::kLabels:
      out += "map[";
      for (size_t i = 0; value.map != nullptr && i < value.map->members.size(); ++i) {
        out.append(i == 0 ? "" : " ");
        out += value.map->members[i].first;
        out.push_back(':');
        AppendValue(out, value.map->members[i].second);
      }
      out.push_back(']');
      break;
  }
}

}  // namespace skald::logql
