#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/status.h"
#include "model/push_batch.h"
#include "wire/otlp_mapping.h"

namespace skald::wire {

// What comes with the body of an export over HTTP and decides how it is read.
struct OtlpHeaders {
  std::string_view content_type;                  // As received; empty when absent.
  std::string_view content_encoding;              // As above.
  size_t max_body_bytes = 100u << 20;             // distributor.max_recv_msg_size.
  size_t max_decompressed_bytes = 5000ull << 20;  // distributor.max_decompressed_size.
};

// Decodes an export of logs by its media type and encoding (none, gzip, zstd, lz4 frames). The
// batch has no streams if there was no record: the distributor answers for that.
//
// kInvalidArgument (HTTP 400) for headers and bodies that are not understood; kResourceExhausted
// (HTTP 413) for one that is too large, compressed or not.
Result<model::PushBatch> DecodeOtlpRequest(const OtlpHeaders& headers, std::string body,
                                           const OtlpMapping& mapping, int64_t now_ns);

// The body of an error: protobuf google.rpc.Status with nothing but the message.
std::string OtlpErrorBody(std::string_view message);

}  // namespace skald::wire
