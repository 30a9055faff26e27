#include "wire/otlp_value.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "common/base64.h"
#include "common/json_writer.h"

namespace skald::wire {
namespace {

// The messages (numbers are fields):
//
//   AnyValue      1: text  2: bool  3: int  4: double  5: ArrayValue  6: KeyValueList  7: bytes
//   ArrayValue    1: AnyValue*
//   KeyValueList  1: KeyValue*
//   KeyValue      1: key   2: AnyValue

Status Malformed(std::string_view what) {
  return InvalidArgument("proto: malformed " + std::string(what));
}

// As the JSON mapping of protobuf spells the numbers that JSON has not.
std::string_view NameOfNonFinite(double value) {
  if (std::isnan(value)) return "NaN";
  return value > 0 ? "Infinity" : "-Infinity";
}

void AppendQuotedBase64(std::string& out, std::string_view bytes) {
  out += '"';
  AppendBase64(out, bytes);
  out += '"';
}

Status AppendJson(const OtlpValue& value, int depth, std::string& out);

Status AppendJsonList(std::string_view list, int depth, std::string& out) {
  out += '[';
  bool first = true;
  SKALD_RETURN_IF_ERROR(ForEachOtlpElement(list, [&](std::string_view message) -> Status {
    SKALD_ASSIGN_OR_RETURN(const OtlpValue value, ReadOtlpValue(message));
    if (!first) out += ',';
    first = false;
    return AppendJson(value, depth + 1, out);
  }));
  out += ']';
  return {};
}

Status AppendJsonMap(std::string_view map, int depth, std::string& out) {
  std::vector<OtlpPair> members;
  SKALD_RETURN_IF_ERROR(ForEachOtlpElement(map, [&](std::string_view message) -> Status {
    SKALD_ASSIGN_OR_RETURN(OtlpPair pair, ReadOtlpPair(message));
    members.push_back(pair);
    return {};
  }));
  std::stable_sort(members.begin(), members.end(),
                   [](const OtlpPair& a, const OtlpPair& b) { return a.key < b.key; });
  out += '{';
  bool first = true;
  for (size_t i = 0; i < members.size(); ++i) {
    if (i + 1 < members.size() && members[i].key == members[i + 1].key) continue;
    if (!first) out += ',';
    first = false;
    AppendJsonStringWithHtml(out, members[i].key);
    out += ':';
    SKALD_RETURN_IF_ERROR(AppendJson(members[i].value, depth + 1, out));
  }
  out += '}';
  return {};
}

Status AppendJson(const OtlpValue& value, int depth, std::string& out) {
  if (depth > kMaxOtlpDepth) {
    return InvalidArgument("values nested more than " + std::to_string(kMaxOtlpDepth) + " deep");
  }
  switch (value.kind) {
    case OtlpValue::Kind::kNone:
      out += "null";
      return {};
    case OtlpValue::Kind::kText:
      AppendJsonStringWithHtml(out, value.bytes);
      return {};
    case OtlpValue::Kind::kBool:
      out += value.number != 0 ? "true" : "false";
      return {};
    case OtlpValue::Kind::kInt:
      JsonWriter(out).Int(static_cast<int64_t>(value.number));
      return {};
    case OtlpValue::Kind::kDouble: {
      const auto number = std::bit_cast<double>(value.number);
      if (std::isfinite(number)) {
        JsonWriter(out).Double(number);
      } else {
        AppendJsonString(out, NameOfNonFinite(number));
      }
      return {};
    }
    case OtlpValue::Kind::kList:
      return AppendJsonList(value.bytes, depth, out);
    case OtlpValue::Kind::kMap:
      return AppendJsonMap(value.bytes, depth, out);
    case OtlpValue::Kind::kBytes:
      AppendQuotedBase64(out, value.bytes);
      return {};
  }
  return {};
}

}  // namespace

Result<OtlpValue> ReadOtlpValue(std::string_view message) {
  OtlpValue value;
  const auto set = [&value](OtlpValue::Kind kind, std::string_view bytes, uint64_t number) {
    value = {.kind = kind, .bytes = bytes, .number = number};
  };
  ProtoReader reader(message);
  while (reader.Next()) {
    switch (reader.field()) {
      case 1:
        set(OtlpValue::Kind::kText, reader.Bytes(), 0);
        break;
      case 2:
        set(OtlpValue::Kind::kBool, {}, reader.Number());
        break;
      case 3:
        set(OtlpValue::Kind::kInt, {}, reader.Number());
        break;
      case 4:
        set(OtlpValue::Kind::kDouble, {}, reader.Fixed64());
        break;
      case 5:
        set(OtlpValue::Kind::kList, reader.Bytes(), 0);
        break;
      case 6:
        set(OtlpValue::Kind::kMap, reader.Bytes(), 0);
        break;
      case 7:
        set(OtlpValue::Kind::kBytes, reader.Bytes(), 0);
        break;
      default:
        reader.Skip();
    }
  }
  if (reader.failed()) return Malformed("value");
  return value;
}

Result<OtlpPair> ReadOtlpPair(std::string_view message) {
  OtlpPair pair;
  ProtoReader reader(message);
  while (reader.Next()) {
    switch (reader.field()) {
      case 1:
        pair.key = reader.Bytes();
        break;
      case 2: {
        SKALD_ASSIGN_OR_RETURN(pair.value, ReadOtlpValue(reader.Bytes()));
        break;
      }
      default:
        reader.Skip();
    }
  }
  if (reader.failed()) return Malformed("attribute");
  return pair;
}

Status AppendOtlpText(const OtlpValue& value, std::string& out) {
  switch (value.kind) {
    case OtlpValue::Kind::kNone:
      return {};
    case OtlpValue::Kind::kText:
      out += value.bytes;
      return {};
    case OtlpValue::Kind::kBytes:
      AppendBase64(out, value.bytes);
      return {};
    case OtlpValue::Kind::kDouble: {
      const auto number = std::bit_cast<double>(value.number);
      if (std::isfinite(number)) break;
      out += NameOfNonFinite(number);
      return {};
    }
    default:
      break;
  }
  return AppendJson(value, 0, out);
}

}  // namespace skald::wire
