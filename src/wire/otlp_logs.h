#pragma once

#include <cstdint>
#include <string>

#include "common/status.h"
#include "model/push_batch.h"
#include "wire/otlp_mapping.h"

namespace skald::wire {

// Decodes OpenTelemetry's protobuf message ExportLogsServiceRequest. Reads without generated code,
// so that bodies need not be UTF-8: texts are views into `message`, which the batch keeps. Streams
// have their labels set, service_name among them; names of metadata are those that are stored.
// A record without any time is of `now_ns`.
//
// kInvalidArgument if the bytes are no such message, or an attribute's name has no letter or digit;
// kResourceExhausted if attributes of resources, which each of their records repeats, make the
// batch many times as large as the message.
Result<model::PushBatch> DecodeOtlpLogs(std::string message, const OtlpMapping& mapping,
                                        int64_t now_ns);

}  // namespace skald::wire
