#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/status.h"

namespace skald {

// What a message in Snappy's framing format (framing_format.txt of its repository) begins with.
// `Codec::kSnappy` is the raw format, of one block.
inline constexpr std::string_view kSnappyFramesMagic("\xff\x06\x00\x00sNaPpY", 10);

// Replaces `out` by what the frames hold. kInvalidArgument when `bytes` are no such frames or a
// checksum differs, kResourceExhausted when the result would exceed `max_bytes`.
Status DecompressSnappyFrames(std::string_view bytes, size_t max_bytes, std::string& out);

}  // namespace skald
