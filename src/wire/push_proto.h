#pragma once

#include <string>

#include "common/status.h"
#include "model/push_batch.h"

namespace skald::wire {

// Decodes the protobuf message logproto.PushRequest. Reads in one pass without generated code, as
// lines need not be UTF-8 and nothing may be allocated an entry: the batch's views point into
// `message`, which it keeps. Fields that are unknown are skipped.
//
// kInvalidArgument if the bytes are no such message; a label text of over 16 MiB is
// kResourceExhausted.
Result<model::PushBatch> DecodePushProto(std::string message);

}  // namespace skald::wire
