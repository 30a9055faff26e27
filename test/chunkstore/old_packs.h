#pragma once

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>

#include "chunkstore/format/chunk_layout.h"
#include "chunkstore/old_entries.h"

namespace skald::test {

// A pack that an earlier writer has written, of the streams of old_entries.h (testdata/README.md).
struct OldPack {
  const char* file = "";
  uint32_t version = 0;
  uint32_t chunk_version = 0;
  char ids = 0;  // The section of its filter that ids are in; 0: it has no filter.
  chunkstore::FilterKind of_lines = chunkstore::FilterKind::kAllLineGrams;  // Of its blocks.
};
inline constexpr OldPack kOldPacks[] = {
    {"fresh-1", 1, 1, 0},
    {"compacted-1", 1, 2, 0},
    {"compacted-2-together", 2, 2, 1},
    {"compacted-2-gaps", 2, 2, 4},
    {"compacted-2", 2, 2, 5},
    {"fresh-7", 7, 3, 0},
    {"compacted-4", 4, 3, 5},
    {"fresh-7-all-grams", 7, 4, 0},
    {"compacted-4-all-grams", 4, 4, 5},
    {"fresh-7-limits", 7, 4, 0, chunkstore::FilterKind::kLineGrams},
    {"compacted-4-limits", 4, 4, 5, chunkstore::FilterKind::kLineGrams}};

inline std::string BytesOf(const OldPack& pack) {
  std::ifstream in(std::string(SKALD_OLD_PACKS) + "/" + pack.file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace skald::test
