#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "chunkstore/format/chunk_writer.h"
#include "chunkstore/test_entries.h"

namespace skald::test {

// The bytes of the one chunk of these entries.
inline std::string ChunkOf(const std::vector<TestEntry>& entries,
                           const chunkstore::BlockSealer::Options& options) {
  chunkstore::BlockSealer sealer(options);
  std::vector<chunkstore::FinishedChunk> chunks =
      chunkstore::MakeChunks(MakeBlock(entries), sealer);
  EXPECT_EQ(chunks.size(), 1u);
  return chunks.at(0).Bytes();
}

// Of blocks so large that filters of their lines are in parts, but for the last.
inline std::string ChunkWithFilterParts() {
  return ChunkOf(EntryGenerator(11).Entries(3000),
                 {.block_bytes = 128 << 10, .codec = Codec::kNone});
}

}  // namespace skald::test
