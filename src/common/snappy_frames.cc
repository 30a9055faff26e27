#include "common/snappy_frames.h"

#include <cstdint>

#include "common/bytes.h"
#include "common/compress.h"
#include "common/hash.h"

namespace skald {
namespace {

// A chunk's type is its first byte; three of its length follow.
constexpr uint8_t kCompressed = 0x00;
constexpr uint8_t kUncompressed = 0x01;
constexpr uint8_t kFirstSkippable = 0x80;  // Padding, and what later versions bring.
constexpr uint8_t kStreamIdentifier = 0xff;
constexpr size_t kHeadBytes = 4;
constexpr size_t kChecksumBytes = 4;
constexpr size_t kMaxChunkBytes = 65'536;  // Unpacked.

Status Malformed() { return InvalidArgument("not snappy frames"); }

// Checksums are stored like this, as those of data that contains checksums go wrong otherwise.
uint32_t Masked(uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8u; }

Status AppendChunk(uint8_t type, std::string_view chunk, size_t max_bytes, std::string& out) {
  if (chunk.size() < kChecksumBytes) return Malformed();
  const uint32_t checksum = LoadFixed32(chunk.data());
  std::string_view raw = chunk.substr(kChecksumBytes);
  std::string unpacked;
  if (type == kCompressed) {
    if (!Decompress(Codec::kSnappy, raw, kMaxChunkBytes, unpacked).ok()) return Malformed();
    raw = unpacked;
  }
  if (raw.size() > kMaxChunkBytes || checksum != Masked(Crc32c(raw))) return Malformed();
  if (raw.size() > max_bytes - out.size()) {
    return ResourceExhausted("decompressed size exceeds " + std::to_string(max_bytes) + " bytes");
  }
  out += raw;
  return {};
}

}  // namespace

Status DecompressSnappyFrames(std::string_view bytes, size_t max_bytes, std::string& out) {
  out.clear();
  if (!bytes.starts_with(kSnappyFramesMagic)) return Malformed();
  while (!bytes.empty()) {
    if (bytes.size() < kHeadBytes) return Malformed();
    const uint32_t head = LoadFixed32(bytes.data());
    const auto type = static_cast<uint8_t>(head);
    const size_t length = head >> 8;
    bytes.remove_prefix(kHeadBytes);
    if (length > bytes.size()) return Malformed();
    const std::string_view chunk = bytes.substr(0, length);
    bytes.remove_prefix(length);
    if (type == kCompressed || type == kUncompressed) {
      SKALD_RETURN_IF_ERROR(AppendChunk(type, chunk, max_bytes, out));
    } else if (type < kFirstSkippable ||
               (type == kStreamIdentifier && chunk != kSnappyFramesMagic.substr(kHeadBytes))) {
      return Malformed();
    }
  }
  return {};
}

}  // namespace skald
