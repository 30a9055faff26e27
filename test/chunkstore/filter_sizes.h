#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "chunkstore/format/chunk_layout.h"
#include "chunkstore/objstore/object_store.h"
#include "chunkstore/stored_pack.h"
#include "support/matchers.h"

namespace skald::test {

// What the filters of a pack take of it, in stored bytes.
struct FilterSizes {
  uint64_t columns = 0;  // Of all blocks.
  uint64_t of_blocks = 0;
  uint64_t of_pack = 0;
  uint64_t id_keys = 0;  // That the pack's filter tells of.

  double share() const {
    return static_cast<double>(of_blocks + of_pack) / static_cast<double>(columns);
  }
};

inline FilterSizes SizesOfFilters(const chunkstore::ObjectEntry& pack,
                                  chunkstore::ObjectStore& objects) {
  FilterSizes sizes;
  const auto directory = chunkstore::ReadStoredDirectory(pack, objects);
  EXPECT_THAT(directory, IsOk());
  for (const chunkstore::PackEntry& entry : *directory) {
    std::string head;
    EXPECT_THAT(objects.GetRange(pack.key, entry.offset, entry.head_bytes, head), IsOk());
    const auto chunk = chunkstore::DecodeChunkHead(head);
    EXPECT_THAT(chunk, IsOk());
    for (const chunkstore::BlockHeader& block : chunk->blocks) {
      sizes.columns += block.data_bytes;
      sizes.of_blocks += block.filters_bytes;
    }
  }
  const auto filter = chunkstore::ReadStoredFilter(pack.key, objects);
  EXPECT_THAT(filter, IsOk());
  if (*filter) {
    sizes.of_pack = (*filter)->bytes;
    sizes.id_keys = (*filter)->filter.id_keys();
  }
  return sizes;
}

}  // namespace skald::test
