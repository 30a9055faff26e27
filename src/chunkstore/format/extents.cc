#include "chunkstore/format/extents.h"

#include <algorithm>

#include "common/hash.h"

namespace skald::chunkstore {
namespace {

// Reading so many bytes for nothing costs about as much as another system call; and much less
// than another request to an object store.
constexpr uint64_t kReadOverGap = 32 << 10;

}  // namespace

std::vector<Extent> JoinExtents(std::vector<Extent> wanted) {
  std::ranges::sort(wanted, {}, &Extent::offset);
  std::vector<Extent> joined;
  for (const Extent& extent : wanted) {
    const uint64_t end = extent.offset + extent.bytes;
    if (joined.empty() ||
        extent.offset > joined.back().offset + joined.back().bytes + kReadOverGap) {
      joined.push_back(extent);
    } else {
      Extent& last = joined.back();
      last.bytes = std::max(last.bytes, end - last.offset);
    }
  }
  return joined;
}

Result<std::string_view> CheckedBytes(const Extent& extent, uint32_t crc32c,
                                      std::span<const StoredPart> parts) {
  for (const StoredPart& part : parts) {
    if (extent.offset < part.offset) continue;
    const uint64_t at = extent.offset - part.offset;
    if (at > part.bytes.size() || extent.bytes > part.bytes.size() - at) continue;
    const std::string_view stored = part.bytes.substr(at, extent.bytes);
    if (Crc32c(stored) != crc32c) return DataLoss("crc mismatch");
    return stored;
  }
  return DataLoss("bytes are missing");
}

}  // namespace skald::chunkstore
