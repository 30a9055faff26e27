#include "chunkstore/format/chunk_writer.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "chunkstore/format/chunk_reader.h"
#include "chunkstore/test_entries.h"
#include "support/matchers.h"

namespace skald::chunkstore {
namespace {

using test::kStartNs;
using test::TestEntry;

std::shared_ptr<const SealedBlock> Block(int64_t first, int64_t last) {
  std::vector<SealedBlock> blocks;
  BlockSealer({}).Seal(test::MakeBlock({{.time = first, .seq = 1, .line = "first"},
                                        {.time = last, .seq = 2, .line = "last"}}),
                       blocks);
  return std::make_shared<const SealedBlock>(std::move(blocks.at(0)));
}

TEST(ChunkWriterTest, TakesBlocksThatAreLaterAndOfTheSameDay) {
  ChunkWriter writer({});
  EXPECT_TRUE(writer.Fits(Block(kStartNs, kStartNs + 10)->header));
  writer.Append(Block(kStartNs, kStartNs + 10));
  EXPECT_TRUE(writer.Fits(Block(kStartNs + 11, kStartNs + 12)->header));
  EXPECT_FALSE(writer.Fits(Block(kStartNs + 10, kStartNs + 12)->header));
  EXPECT_FALSE(writer.Fits(Block(kStartNs - 5, kStartNs - 1)->header));
  EXPECT_FALSE(writer.Fits(Block(kStartNs + kDayNs, kStartNs + kDayNs + 1)->header));
}

TEST(ChunkWriterTest, SumsUpItsBlocks) {
  ChunkWriter writer({});
  writer.Append(Block(kStartNs, kStartNs + 10));
  writer.Append(Block(kStartNs + 20, kStartNs + 30));
  const FinishedChunk chunk = writer.Finish();
  EXPECT_EQ(chunk.summary, (ChunkSummary{.min_time = kStartNs,
                                         .max_time = kStartNs + 30,
                                         .max_seq = 2,
                                         .entries = 4,
                                         .line_bytes = 18,
                                         .metadata_bytes = 0}));
  EXPECT_EQ(*DecodeChunkHeadBytes(chunk.head), chunk.head.size());
  EXPECT_EQ(chunk.Bytes().size(), chunk.bytes);
  EXPECT_TRUE(writer.empty());
}

TEST(ChunkWriterTest, IsFullAtItsSize) {
  ChunkWriter writer({.chunk_bytes = 20});
  writer.Append(Block(kStartNs, kStartNs + 1));
  EXPECT_TRUE(writer.full());
  (void)writer.Finish();
  EXPECT_FALSE(writer.full());
}

TEST(ChunkWriterTest, MakeChunksCutsBySizeAndDay) {
  const std::vector<TestEntry> entries =
      test::EntryGenerator(1).Entries(4000, kStartNs, 40 * test::kSecond);
  BlockSealer sealer({.block_bytes = 16 << 10});
  const std::vector<FinishedChunk> chunks =
      MakeChunks(test::MakeBlock(entries), sealer, {.chunk_bytes = 64 << 10});
  EXPECT_GT(chunks.size(), 3u);
  std::vector<TestEntry> read;
  for (const FinishedChunk& chunk : chunks) {
    EXPECT_EQ(DayOf(chunk.summary.min_time), DayOf(chunk.summary.max_time));
    const std::string bytes = chunk.Bytes();
    const auto reader = ChunkReader::Make(bytes);
    ASSERT_THAT(reader, test::IsOk());
    for (size_t i = 0; i < reader->blocks().size(); ++i) {
      const auto block = reader->ReadBlock(i, {});
      ASSERT_THAT(block, test::IsOk());
      for (TestEntry& entry : test::EntriesOf(*block)) read.push_back(std::move(entry));
    }
  }
  EXPECT_EQ(read, entries);
}

}  // namespace
}  // namespace skald::chunkstore
