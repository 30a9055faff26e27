#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/status.h"
#include "model/push_batch.h"

namespace skald::wire {

// What comes with the body of a push and decides how it is read.
struct PushHeaders {
  std::string_view content_type;       // As received; empty when absent.
  std::string_view content_encoding;   // As above.
  bool legacy = false;                 // Sent to /api/prom/push: JSON is in the older shape.
  size_t max_body_bytes = 100u << 20;  // distributor.max_recv_msg_size.
  size_t max_decompressed_bytes = 5000ull << 20;  // distributor.max_decompressed_size.
};

// Decodes a push by its media type and encoding into a batch of label texts and entries; labels
// are not parsed, and the batch may have no streams at all: the distributor answers for both.
//
// kInvalidArgument (HTTP 400) for headers and bodies that are not understood; kResourceExhausted
// (HTTP 413) for one that is too large, compressed or not.
Result<model::PushBatch> DecodePush(const PushHeaders& headers, std::string body);

// Whether the media type of `content_type` is JSON. kInvalidArgument with the MIME parser's words
// (`mime: no media type`) when there is none.
Result<bool> IsJsonMediaType(std::string_view content_type);

}  // namespace skald::wire
