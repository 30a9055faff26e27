#pragma once

#include <cstddef>
#include <string>

#include "common/status.h"

namespace skald::net {

// Unpacks a message of a call. The library does not say with which codec its client packs (it would
// unpack gzip and deflate itself, but leaves a call whose message is damaged without an answer), so
// that is told by how the message begins: as gzip, zlib ("deflate"), snappy frames or zstd frames,
// which are what clients of gRPC have. No protobuf message of our services begins so; one that is
// of no codec is given back as it is, and is its reader's to refuse.
//
// kInvalidArgument when it does not unpack; kResourceExhausted, naming the setting, when it would
// exceed `max_bytes`. Pure: any thread.
Result<std::string> UnpackGrpcMessage(std::string message, size_t max_bytes);

}  // namespace skald::net
