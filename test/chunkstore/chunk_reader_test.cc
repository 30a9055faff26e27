#include "chunkstore/format/chunk_reader.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "chunkstore/format/chunk_writer.h"
#include "chunkstore/format/literal_probe.h"
#include "chunkstore/test_chunks.h"
#include "chunkstore/test_entries.h"
#include "common/bytes.h"
#include "common/hash.h"
#include "support/matchers.h"

namespace skald::chunkstore {
namespace {

using test::EntriesOf;
using test::HasCode;
using test::HasMessage;
using test::IsOk;
using test::TestEntry;
using testing::HasSubstr;

// All entries of a chunk, with every filter looked at as well.
Result<std::vector<TestEntry>> ReadAll(std::string_view bytes) {
  SKALD_ASSIGN_OR_RETURN(const ChunkReader reader, ChunkReader::Make(bytes));
  std::vector<TestEntry> entries;
  for (size_t i = 0; i < reader.blocks().size(); ++i) {
    SKALD_RETURN_IF_ERROR(reader.ReadFilters(i).status());
    SKALD_ASSIGN_OR_RETURN(const model::EntryBlock block, reader.ReadBlock(i, {}));
    for (TestEntry& entry : EntriesOf(block)) entries.push_back(std::move(entry));
  }
  return entries;
}

TEST(ChunkReaderTest, ReadsBackWhatWasWrittenWithEveryCodec) {
  const std::vector<TestEntry> entries = test::EntryGenerator(1).Entries(500);
  for (const Codec codec :
       {Codec::kNone, Codec::kGzip, Codec::kSnappy, Codec::kLz4, Codec::kZstd}) {
    const std::string chunk = test::ChunkOf(entries, {.block_bytes = 8 << 10, .codec = codec});
    const auto read = ReadAll(chunk);
    ASSERT_THAT(read, IsOk()) << CodecName(codec);
    EXPECT_EQ(*read, entries) << CodecName(codec);
  }
}

TEST(ChunkReaderTest, KeepsEmptyLinesAndLinesWithNewlinesAndAnyBytes) {
  const std::vector<TestEntry> entries = {
      {.seq = 1, .line = ""},
      {.seq = 2, .line = "two\nlines"},
      {.seq = 3, .line = std::string("\0\xff\n", 3), .metadata = {{"empty", ""}, {"k", "\n"}}},
  };
  const auto read = ReadAll(test::ChunkOf(entries, {}));
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(*read, entries);
}

TEST(ChunkReaderTest, HeadersTellCountsAndBoundsWithoutData) {
  const std::vector<TestEntry> entries = test::EntryGenerator(2).Entries(100);
  const std::string chunk = test::ChunkOf(entries, {});
  const auto head_bytes = DecodeChunkHeadBytes(chunk);
  ASSERT_THAT(head_bytes, IsOk());
  const auto head = DecodeChunkHead(std::string_view(chunk).substr(0, *head_bytes));
  ASSERT_THAT(head, IsOk());
  ASSERT_EQ(head->blocks.size(), 1u);
  const BlockHeader& block = head->blocks[0];
  EXPECT_EQ(block.entries, 100u);
  EXPECT_EQ(block.min_time, entries.front().time);
  EXPECT_EQ(block.max_time, entries.back().time);
  EXPECT_EQ(block.min_seq, 1u);
  EXPECT_EQ(block.max_seq, 100u);
  size_t line_bytes = 0;
  size_t metadata_bytes = 0;
  size_t metadata_volume = 0;
  std::set<std::string> texts;
  for (const TestEntry& entry : entries) {
    line_bytes += entry.line.size();
    for (const auto& [name, value] : entry.metadata) {
      if (name != "detected_level") metadata_bytes += name.size() + value.size();
      metadata_volume += 8 + (texts.insert(name).second ? name.size() : 0);
      metadata_volume += texts.insert(value).second ? value.size() : 0;
    }
  }
  EXPECT_EQ(block.line_bytes, line_bytes);
  EXPECT_EQ(block.metadata_bytes, metadata_bytes);
  EXPECT_EQ(block.metadata_volume, metadata_volume);
}

TEST(ChunkReaderTest, ReadsOnlyTheColumnsThatAreWanted) {
  const std::string chunk = test::ChunkOf(test::EntryGenerator(3).Entries(50), {});
  const auto reader = ChunkReader::Make(chunk);
  ASSERT_THAT(reader, IsOk());

  const auto times = reader->ReadBlock(
      0, {.lines = false, .line_lengths = false, .all_metadata = false, .metadata = {}});
  ASSERT_THAT(times, IsOk());
  EXPECT_EQ(times->size(), 50u);
  EXPECT_FALSE(times->has_lines);
  EXPECT_FALSE(times->has_all_metadata);
  EXPECT_TRUE(times->lines.text.empty());
  EXPECT_EQ(times->lines.size(), 0u);
  EXPECT_TRUE(times->metadata.empty());

  const auto lengths = reader->ReadBlock(
      0, {.lines = false, .line_lengths = true, .all_metadata = false, .metadata = {"trace_id"}});
  ASSERT_THAT(lengths, IsOk());
  EXPECT_EQ(lengths->lines.size(), 50u);
  EXPECT_TRUE(lengths->lines.text.empty());
  ASSERT_EQ(lengths->metadata.size(), 1u);
  EXPECT_EQ(lengths->metadata[0].name, "trace_id");

  const auto all = reader->ReadBlock(0, {});
  ASSERT_THAT(all, IsOk());
  EXPECT_TRUE(all->has_all_metadata);
}

TEST(ChunkReaderTest, ReportsEveryFlippedByteAsDataLoss) {
  const std::vector<TestEntry> entries = test::EntryGenerator(5).Entries(150);
  const std::string chunk = test::ChunkOf(entries, {.block_bytes = 8 << 10});
  const auto reader = ChunkReader::Make(chunk);
  ASSERT_GT(reader->blocks().size(), 1u);
  ASSERT_EQ(reader->blocks()[0].filters.size(), 2u);
  for (size_t i = 0; i < chunk.size(); ++i) {
    for (const char mask : {'\x01', '\x40', '\xff'}) {
      std::string damaged = chunk;
      damaged[i] = static_cast<char>(damaged[i] ^ mask);
      ASSERT_THAT(ReadAll(damaged), HasCode(StatusCode::kDataLoss)) << "byte " << i;
    }
  }
}

TEST(ChunkReaderTest, ReportsEveryCutAsDataLoss) {
  const std::string chunk = test::ChunkOf(test::EntryGenerator(6).Entries(40), {});
  for (size_t length = 0; length < chunk.size(); ++length) {
    ASSERT_THAT(ReadAll(std::string_view(chunk).substr(0, length)), HasCode(StatusCode::kDataLoss))
        << "cut at " << length;
  }
  EXPECT_THAT(ReadAll(chunk + "x"), HasCode(StatusCode::kDataLoss));
}

TEST(ChunkReaderTest, DamageNamesBlockAndColumn) {
  std::string chunk = test::ChunkOf(test::EntryGenerator(7).Entries(40), {});
  chunk.back() ^= 1;  // Lines come last.
  EXPECT_THAT(ReadAll(chunk), HasMessage("block 0: column lines: crc mismatch"));
}

TEST(ChunkReaderTest, AVersionFromTheFutureIsNotCalledDamage) {
  std::string chunk = test::ChunkOf({{.line = "x"}}, {});
  chunk[4] = static_cast<char>(kChunkVersion + 1);
  std::string crc;
  PutFixed32(crc, Crc32c(std::string_view(chunk).substr(0, kChunkPrologueBytes - 4)));
  chunk.replace(kChunkPrologueBytes - 4, 4, crc);
  EXPECT_THAT(ReadAll(chunk), HasCode(StatusCode::kUnimplemented));
}

std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

// The example of FORMAT.md, and the same entries as versions 4, 3 and 1 had them.
TEST(ChunkReaderTest, ReadsTheExampleOfFormatMd) {
  struct Row {
    std::string_view hex;
    uint64_t metadata_volume;
  };
  for (const Row& row :
       {Row{"534b4348050000004d000000343b2d0a9200000000000000d469c3ac01028080d0e2c6bfce972f80"
            "94ebdc03010108030b002905010000000a0a736257a20200000a09098415d9f20700001304046e60"
            "41a8050269640017080810cee3900400001f0a0ab6a17729000300002a36fe9c9717010001000000"
            "000000000301020001010102370a010268656c6c6f0a6279650a",
            11},
        Row{"534b4348040000004d000000343b2d0a9200000000000000699e809b01028080d0e2c6bfce972f80"
            "94ebdc03010108030b002905010000000a0a736257a20200000a09098415d9f20700001304046e60"
            "41a8050269640017080810cee3900400001f0a0ab6a17729000300002a36fe9c9717010001000000"
            "000000000301020001010102370a010268656c6c6f0a6279650a",
            11},
        Row{"534b4348030000004d000000431db4ea9000000000000000f161117501028080d0e2c6bfce972f80"
            "94ebdc03010108030b002705010000000a0a736257a20200000a09098415d9f20300001302028d7d"
            "19bf050269640015080810cee3900400001d0a0ab6a17729000300002a36fe9c9717010001000000"
            "00000000050301010102370a010268656c6c6f0a6279650a",
            11},
        Row{"534b4348010000004c000000f2356d268f000000000000005f7ceb4701028080d0e2c6bfce972f80"
            "94ebdc0301010803002705010000000a0a736257a20200000a09098415d9f20300001302028d7d19"
            "bf050269640015080810cee3900400001d0a0ab6a17729000300002a36fe9c971701000100000000"
            "000000050301010102370a010268656c6c6f0a6279650a",
            16}}) {
    const std::string chunk = FromHex(row.hex);
    const auto read = ReadAll(chunk);
    ASSERT_THAT(read, IsOk());
    EXPECT_EQ(*read, (std::vector<TestEntry>{
                         {.time = test::kStartNs, .seq = 1, .line = "hello", .metadata = {}},
                         {.time = test::kStartNs + test::kSecond,
                          .seq = 2,
                          .line = "bye",
                          .metadata = {{"id", "7"}}}}));
    EXPECT_EQ(ChunkReader::Make(chunk)->blocks().at(0).metadata_volume, row.metadata_volume);
  }
}

TEST(ChunkReaderTest, AChunkOfCopiedBlocksIsTheSameByteForByte) {
  for (const std::string& chunk :
       {test::ChunkOf(test::EntryGenerator(9).Entries(600), {.block_bytes = 8 << 10}),
        test::ChunkWithFilterParts()}) {
    const auto reader = ChunkReader::Make(chunk);
    ASSERT_THAT(reader, IsOk());
    ASSERT_GT(reader->blocks().size(), 2u);
    std::vector<SealedBlock> blocks;
    for (size_t i = 0; i < reader->blocks().size(); ++i) blocks.push_back(*reader->CopyBlock(i));
    const std::vector<FinishedChunk> joined = JoinToChunks(std::move(blocks));
    ASSERT_EQ(joined.size(), 1u);
    EXPECT_EQ(joined[0].Bytes(), chunk);
  }
}

TEST(ChunkReaderTest, NoDamagedByteIsCopied) {
  std::string chunk = test::ChunkOf(test::EntryGenerator(10).Entries(60), {.block_bytes = 4 << 10});
  for (char& byte : chunk) {
    byte = static_cast<char>(byte ^ 8);
    Status status;
    if (const auto reader = ChunkReader::Make(chunk); reader.ok()) {
      for (size_t i = 0; i < reader->blocks().size() && status.ok(); ++i) {
        status = reader->CopyBlock(i).status();
      }
    } else {
      status = reader.status();
    }
    EXPECT_FALSE(status.ok());
    byte = static_cast<char>(byte ^ 8);
  }
}

}  // namespace
}  // namespace skald::chunkstore
