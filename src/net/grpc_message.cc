#include "net/grpc_message.h"

#include <cstdint>
#include <string_view>
#include <utility>

#include "common/compress.h"
#include "common/snappy_frames.h"

namespace skald::net {
namespace {

// RFC 1950: a window of 32 KiB, as every zlib writes by default, in two bytes that are a multiple
// of 31. As a tag of protobuf 0x78 is field 15, which no message of ours has.
bool IsZlib(std::string_view bytes) {
  constexpr uint8_t kDeflateOf32KiB = 0x78;
  return bytes.size() >= 2 && uint8_t(bytes[0]) == kDeflateOf32KiB &&
         (uint8_t(bytes[0]) * 256 + uint8_t(bytes[1])) % 31 == 0;
}

// kNone when it is of none that Decompress knows.
Codec CodecOf(std::string_view bytes) {
  if (bytes.starts_with("\x1f\x8b")) return Codec::kGzip;
  if (bytes.starts_with("\x28\xb5\x2f\xfd")) return Codec::kZstd;
  return IsZlib(bytes) ? Codec::kDeflate : Codec::kNone;
}

}  // namespace

Result<std::string> UnpackGrpcMessage(std::string message, size_t max_bytes) {
  const bool frames = message.starts_with(kSnappyFramesMagic);
  const Codec codec = CodecOf(message);
  if (!frames && codec == Codec::kNone) return message;
  std::string out;
  const Status status = frames ? DecompressSnappyFrames(message, max_bytes, out)
                               : Decompress(codec, message, max_bytes, out);
  if (status.ok()) return out;
  if (status.code() == StatusCode::kResourceExhausted) {
    return ResourceExhausted("received message after decompression larger than max (" +
                             std::to_string(max_bytes) +
                             " bytes); raise server.grpc_server_max_recv_msg_size");
  }
  return InvalidArgument("cannot decompress the message: " + std::string(status.message()));
}

}  // namespace skald::net
