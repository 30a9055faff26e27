#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "common/status.h"

namespace skald::chunkstore {

// A range of a block's data, or of a chunk's filters.
struct Extent {
  uint64_t offset = 0;  // From the start of these.
  uint64_t bytes = 0;
};

// An Extent with its bytes, which are borrowed.
struct StoredPart {
  uint64_t offset = 0;
  std::string_view bytes;
};

// What must be read for these: ascending, not touching. Small gaps between them are read over, as
// that is cheaper than another read.
std::vector<Extent> JoinExtents(std::vector<Extent> wanted);

// The bytes of an extent out of one of `parts`. kDataLoss if no part has them, or if they are not
// those that `crc32c` was made of.
Result<std::string_view> CheckedBytes(const Extent& extent, uint32_t crc32c,
                                      std::span<const StoredPart> parts);

}  // namespace skald::chunkstore
