#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace skald::wire {

// What OpenTelemetry's logs look like as JSON, and which message of Protocol Buffers that is: names
// and numbers as in opentelemetry/proto/logs/v1/logs.proto.

// How a member's value is written in JSON.
enum class OtlpJsonType {
  kText,
  kBase64,
  kHexId,
  kBool,
  kInt64,
  kUint32,
  kFixed32,
  kFixed64,
  kDouble,
  kSeverity,
  kMessage,
  kMessages,  // An array of them.
};

struct OtlpJsonMessage;

// One member of a JSON object and the field of a message that it becomes.
struct OtlpJsonField {
  std::string_view name;
  std::string_view old_name;  // As in the .proto file.
  uint32_t number = 0;
  OtlpJsonType type = OtlpJsonType::kText;
  const OtlpJsonMessage* message = nullptr;
};

struct OtlpJsonMessage {
  std::span<const OtlpJsonField> fields;

  // Null where there is none of that name.
  const OtlpJsonField* Find(std::string_view name) const;
};

// ExportLogsServiceRequest, with all that is in it.
extern const OtlpJsonMessage kOtlpJsonExport;

}  // namespace skald::wire
