#include "ingester/wal_frame.h"

#include <charconv>
#include <cstdio>
#include <cstring>

#include "common/bytes.h"
#include "common/hash.h"

namespace skald::ingester {
namespace {

constexpr std::string_view kSegmentSuffix = ".wal";
constexpr std::string_view kSegmentMagic = "SKALDWAL";
constexpr uint32_t kVersion = 1;
constexpr std::string_view kFrameMarker = "SkWr";

// What lz4 can make of a byte at best; a header that declares more is damaged.
constexpr uint64_t kMaxLz4Ratio = 255;

void StoreFixed32(char* p, uint32_t value) { std::memcpy(p, &value, sizeof value); }

}  // namespace

std::string WalSegmentName(uint64_t segment) {
  char name[32];
  std::snprintf(name, sizeof name, "%010llu", static_cast<unsigned long long>(segment));
  return std::string(name).append(kSegmentSuffix);
}

std::optional<uint64_t> ParseWalSegmentName(std::string_view name) {
  if (!name.ends_with(kSegmentSuffix)) return std::nullopt;
  uint64_t segment = 0;
  const char* const digits_end = name.data() + name.size() - kSegmentSuffix.size();
  const auto [end, error] = std::from_chars(name.data(), digits_end, segment);
  if (error != std::errc() || end != digits_end) return std::nullopt;
  // The same number may be spelled in other ways, which are no files of the log.
  if (WalSegmentName(segment) != name) return std::nullopt;
  return segment;
}

std::string EncodeWalSegmentHeader(uint64_t segment) {
  std::string out(kSegmentMagic);
  PutFixed32(out, kVersion);
  PutFixed64(out, segment);
  PutFixed32(out, Crc32c(out));
  return out;
}

Status CheckWalSegmentHeader(std::string_view bytes, uint64_t segment) {
  if (bytes.size() < kWalSegmentHeaderBytes || bytes.substr(0, 8) != kSegmentMagic ||
      Crc32c(bytes.substr(0, 20)) != LoadFixed32(bytes.data() + 20) ||
      LoadFixed64(bytes.data() + 12) != segment) {
    return DataLoss("wal segment header is damaged");
  }
  const uint32_t version = LoadFixed32(bytes.data() + 8);
  if (version != kVersion) {
    return Status(StatusCode::kUnimplemented,
                  "the segment is of version " + std::to_string(version) +
                      ", which this program does not know: start the newer one, which reads it, or "
                      "move it away to start without what is in it");
  }
  return Status();
}

void SealWalFrame(std::string& frame, uint64_t segment, Codec codec, std::string& scratch) {
  SKALD_DCHECK(frame.size() >= kWalFrameHeaderBytes);
  const size_t raw_bytes = frame.size() - kWalFrameHeaderBytes;
  uint32_t unpacked_bytes = 0;  // 0: not packed.
  if (codec != Codec::kNone) {
    scratch.assign(kWalFrameHeaderBytes, '\0');
    Compress(Codec::kLz4, std::string_view(frame).substr(kWalFrameHeaderBytes), scratch);
    if (scratch.size() - kWalFrameHeaderBytes <= raw_bytes - raw_bytes / 8) {
      frame.swap(scratch);
      unpacked_bytes = static_cast<uint32_t>(raw_bytes);
    }
  }
  char* header = frame.data();
  const std::string_view payload = std::string_view(frame).substr(kWalFrameHeaderBytes);
  std::memcpy(header, kFrameMarker.data(), kFrameMarker.size());
  StoreFixed32(header + 4, static_cast<uint32_t>(segment));
  StoreFixed32(header + 8, static_cast<uint32_t>(payload.size()));
  StoreFixed32(header + 12, unpacked_bytes);
  StoreFixed32(header + 16, Crc32c(payload));
  StoreFixed32(header + 20, Crc32c(std::string_view(header, 20)));
}

bool IsUnfinishedWalFrame(std::string_view rest) {
  if (rest.find_first_not_of('\0') == std::string_view::npos) return true;
  constexpr size_t kCovered = kWalFrameHeaderBytes - 4;  // By the header's checksum, behind it.
  constexpr size_t kLength = 8;
  if (rest.size() < kWalFrameHeaderBytes) return true;
  return Crc32c(rest.substr(0, kCovered)) == LoadFixed32(rest.data() + kCovered) &&
         LoadFixed32(rest.data() + kLength) > rest.size() - kWalFrameHeaderBytes;
}

std::optional<std::string_view> WalFrameReader::FrameAt(size_t at) {
  const std::string_view rest = bytes_.substr(at);
  if (rest.size() < kWalFrameHeaderBytes || !rest.starts_with(kFrameMarker)) return std::nullopt;
  const char* header = rest.data();
  if (Crc32c(rest.substr(0, 20)) != LoadFixed32(header + 20)) return std::nullopt;
  if (LoadFixed32(header + 4) != static_cast<uint32_t>(segment_)) return std::nullopt;
  const uint32_t length = LoadFixed32(header + 8);
  const uint32_t unpacked_bytes = LoadFixed32(header + 12);
  if (length > rest.size() - kWalFrameHeaderBytes) return std::nullopt;
  if (unpacked_bytes > length * kMaxLz4Ratio) return std::nullopt;
  const std::string_view payload = rest.substr(kWalFrameHeaderBytes, length);
  if (Crc32c(payload) != LoadFixed32(header + 16)) return std::nullopt;
  next_ = at + kWalFrameHeaderBytes + length;
  if (unpacked_bytes == 0) return payload;
  if (!Decompress(Codec::kLz4, payload, unpacked_bytes, unpacked_, unpacked_bytes).ok()) {
    return std::nullopt;
  }
  return unpacked_;
}

std::optional<std::string_view> WalFrameReader::Next() {
  const size_t begin = at_;
  size_t at = begin;
  while (at < bytes_.size()) {
    if (auto payload = FrameAt(at)) {
      if (at > begin) {
        damaged_bytes_ += at - begin;
        ++damages_;
      }
      frame_begin_ = at;
      at_ = next_;
      return payload;
    }
    at = bytes_.find(kFrameMarker, at + 1);
  }
  at_ = bytes_.size();
  if (begin < bytes_.size()) {
    damaged_bytes_ += bytes_.size() - begin;
    ++damages_;
    torn_tail_ = true;
  }
  return std::nullopt;
}

}  // namespace skald::ingester
