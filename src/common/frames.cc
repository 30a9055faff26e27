#include "common/frames.h"

#include <algorithm>

#include "common/bytes.h"
#include "common/hash.h"

namespace skald {
namespace {

uint32_t Checksum(std::string_view context, std::string_view payload) {
  std::string head(context);
  PutFixed32(head, static_cast<uint32_t>(payload.size()));
  return Crc32c(payload, Crc32c(head));
}

}  // namespace

void AppendFrame(std::string& out, std::string_view magic, std::string_view context,
                 std::string_view payload) {
  out.append(magic);
  PutFixed32(out, static_cast<uint32_t>(payload.size()));
  PutFixed32(out, Checksum(context, payload));
  out.append(payload);
}

std::optional<std::string_view> FrameReader::Next() {
  for (size_t at = at_; at < bytes_.size(); ++at) {
    at = std::min(bytes_.find(magic_, at), bytes_.size());
    const auto payload = FrameAt(at);
    if (!payload.has_value()) continue;
    damaged_bytes_ += at - at_;
    frame_ = at;
    at_ = at + kFrameHeaderBytes + payload->size();
    return payload;
  }
  damaged_bytes_ += bytes_.size() - at_;
  at_ = bytes_.size();
  return std::nullopt;
}

std::optional<std::string_view> FrameReader::FrameAt(size_t at) const {
  const std::string_view rest = bytes_.substr(at);
  if (rest.size() < kFrameHeaderBytes) return std::nullopt;
  const uint32_t length = LoadFixed32(rest.data() + 4);
  if (length > rest.size() - kFrameHeaderBytes) return std::nullopt;
  const std::string_view payload = rest.substr(kFrameHeaderBytes, length);
  if (LoadFixed32(rest.data() + 8) != Checksum(context_, payload)) return std::nullopt;
  return payload;
}

}  // namespace skald
