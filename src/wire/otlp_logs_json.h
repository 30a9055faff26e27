#pragma once

#include <string>

#include "common/status.h"

namespace skald::wire {

// Turns OpenTelemetry's JSON of an export of logs into the protobuf message of the same content, so
// that what becomes of it is written once (DecodeOtlpLogs). Takes what exporters send: integers as
// numbers or texts, ids in hexadecimal, enums as numbers or names, keys as resourceLogs or
// resource_logs; members that are not known are passed over, bytes that are not UTF-8 become
// U+FFFD.
//
// kInvalidArgument if the text is not of that shape.
Result<std::string> OtlpLogsJsonToProto(std::string text);

}  // namespace skald::wire
