#include "wire/otlp_json_schema.h"

#include <algorithm>

namespace skald::wire {
namespace {

using Type = OtlpJsonType;

// The messages of otlp_logs.cc and otlp_value.cc. A value's kinds refer to each other.
extern const OtlpJsonMessage kAnyValue;

constexpr OtlpJsonField kKeyValueFields[] = {
    {"key", "key", 1, Type::kText},
    {"value", "value", 2, Type::kMessage, &kAnyValue},
};
constexpr OtlpJsonMessage kKeyValue{kKeyValueFields};
constexpr OtlpJsonField kArrayFields[] = {{"values", "values", 1, Type::kMessages, &kAnyValue}};
constexpr OtlpJsonMessage kArray{kArrayFields};
constexpr OtlpJsonField kMapFields[] = {{"values", "values", 1, Type::kMessages, &kKeyValue}};
constexpr OtlpJsonMessage kMap{kMapFields};
constexpr OtlpJsonField kAnyValueFields[] = {
    {"stringValue", "string_value", 1, Type::kText},
    {"boolValue", "bool_value", 2, Type::kBool},
    {"intValue", "int_value", 3, Type::kInt64},
    {"doubleValue", "double_value", 4, Type::kDouble},
    {"arrayValue", "array_value", 5, Type::kMessage, &kArray},
    {"kvlistValue", "kvlist_value", 6, Type::kMessage, &kMap},
    {"bytesValue", "bytes_value", 7, Type::kBase64},
};
constexpr OtlpJsonMessage kAnyValue{kAnyValueFields};
constexpr OtlpJsonField kRecordFields[] = {
    {"timeUnixNano", "time_unix_nano", 1, Type::kFixed64},
    {"severityNumber", "severity_number", 2, Type::kSeverity},
    {"severityText", "severity_text", 3, Type::kText},
    {"body", "body", 5, Type::kMessage, &kAnyValue},
    {"attributes", "attributes", 6, Type::kMessages, &kKeyValue},
    {"droppedAttributesCount", "dropped_attributes_count", 7, Type::kUint32},
    {"flags", "flags", 8, Type::kFixed32},
    {"traceId", "trace_id", 9, Type::kHexId},
    {"spanId", "span_id", 10, Type::kHexId},
    {"observedTimeUnixNano", "observed_time_unix_nano", 11, Type::kFixed64},
    {"eventName", "event_name", 12, Type::kText},
};
constexpr OtlpJsonMessage kRecord{kRecordFields};
constexpr OtlpJsonField kScopeFields[] = {
    {"name", "name", 1, Type::kText},
    {"version", "version", 2, Type::kText},
    {"attributes", "attributes", 3, Type::kMessages, &kKeyValue},
    {"droppedAttributesCount", "dropped_attributes_count", 4, Type::kUint32},
};
constexpr OtlpJsonMessage kScope{kScopeFields};
constexpr OtlpJsonField kScopeLogsFields[] = {
    {"scope", "scope", 1, Type::kMessage, &kScope},
    {"logRecords", "log_records", 2, Type::kMessages, &kRecord},
};
constexpr OtlpJsonMessage kScopeLogs{kScopeLogsFields};
constexpr OtlpJsonField kResourceFields[] = {
    {"attributes", "attributes", 1, Type::kMessages, &kKeyValue},
    {"droppedAttributesCount", "dropped_attributes_count", 2, Type::kUint32},
};
constexpr OtlpJsonMessage kResource{kResourceFields};
constexpr OtlpJsonField kResourceLogsFields[] = {
    {"resource", "resource", 1, Type::kMessage, &kResource},
    {"scopeLogs", "scope_logs", 2, Type::kMessages, &kScopeLogs},
};
constexpr OtlpJsonMessage kResourceLogs{kResourceLogsFields};
constexpr OtlpJsonField kExportFields[] = {
    {"resourceLogs", "resource_logs", 1, Type::kMessages, &kResourceLogs},
};

}  // namespace

const OtlpJsonMessage kOtlpJsonExport{kExportFields};

const OtlpJsonField* OtlpJsonMessage::Find(std::string_view name) const {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const OtlpJsonField& field) {
    return field.name == name || field.old_name == name;
  });
  return found == fields.end() ? nullptr : &*found;
}

}  // namespace skald::wire
