#include "chunkstore/format/pack.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "chunkstore/format/chunk_reader.h"
#include "chunkstore/test_entries.h"
#include "common/bytes.h"
#include "common/compress.h"
#include "common/hash.h"
#include "support/matchers.h"

namespace skald::chunkstore {
namespace {

using model::Fingerprint;
using model::Labels;
using model::TenantId;
using test::HasCode;
using test::IsOk;

struct TestPack {
  std::string bytes;
  std::vector<PackEntry> entries;
};

TestPack MakePack(size_t streams) {
  PackWriter writer;
  std::vector<FinishedChunk> chunks;
  chunks.reserve(streams);  // The writer borrows them.
  test::EntryGenerator generate(9);
  for (size_t i = 0; i < streams; ++i) {
    auto labels = std::make_shared<const Labels>(
        Labels({{"app", "api"}, {"pod", "api-" + std::to_string(i)}}));
    BlockSealer sealer({});
    chunks.push_back(MakeChunks(test::MakeBlock(generate.Entries(20)), sealer).at(0));
    const Fingerprint fingerprint = labels->Hash();
    writer.Add(TenantId(i % 2 == 0 ? "even" : "odd"), std::move(labels), fingerprint,
               chunks.back());
  }
  const PackWriter::Pack pack = writer.Finish();
  return {pack.Bytes(), pack.entries};
}

TEST(PackTest, DirectoryTellsAllOfEveryChunk) {
  const TestPack pack = MakePack(5);
  const auto read = ReadPackDirectory(pack.bytes);
  ASSERT_THAT(read, IsOk());
  ASSERT_EQ(read->size(), 5u);
  for (size_t i = 0; i < read->size(); ++i) {
    const PackEntry& got = (*read)[i];
    const PackEntry& want = pack.entries[i];
    EXPECT_EQ(got.tenant, want.tenant);
    EXPECT_EQ(*got.labels, *want.labels);
    EXPECT_EQ(got.fingerprint, want.fingerprint);
    EXPECT_EQ(got.offset, want.offset);
    EXPECT_EQ(got.bytes, want.bytes);
    EXPECT_EQ(got.head_bytes, want.head_bytes);
    EXPECT_EQ(got.summary, want.summary);
    EXPECT_THAT(ChunkReader::Make(pack.bytes.substr(got.offset, got.bytes)), IsOk());
  }
}

TEST(PackTest, ReadsAPackOfVersion1) {
  PackWriter writer;
  BlockSealer sealer({});
  const auto chunks = MakeChunks(test::MakeBlock({{.seq = 1, .line = "x"}}), sealer);
  const auto labels = std::make_shared<const Labels>(Labels({{"a", "b"}}));
  writer.Add(TenantId("t"), labels, labels->Hash(), chunks.at(0));
  const PackWriter::Pack pack = writer.Finish();
  const auto footer =
      DecodePackFooter(pack.tail.substr(pack.tail.size() - kPackFooterBytes), pack.Bytes().size());
  ASSERT_THAT(footer, IsOk());
  std::string directory;
  ASSERT_THAT(Decompress(Codec::kZstd, pack.tail.substr(0, footer->directory_bytes),
                         footer->directory_raw_bytes, directory),
              IsOk());
  directory.pop_back();  // The volume of metadata, 0.

  std::string old = pack.Bytes().substr(0, footer->directory_offset);
  old[4] = 1;
  std::string stored;
  Compress(Codec::kZstd, directory, stored, 1);
  std::string end;
  PutFixed64(end, old.size());
  PutFixed64(end, stored.size());
  PutFixed64(end, directory.size());
  PutFixed32(end, Crc32c(stored));
  PutFixed32(end, 1);
  PutFixed32(end, Crc32c(end));
  end += "SKPE";
  const auto read = ReadPackDirectory(old + stored + end);
  ASSERT_THAT(read, IsOk());
  ASSERT_EQ(read->size(), 1u);
  ChunkSummary wanted = pack.entries[0].summary;
  wanted.metadata_volume = EstimateMetadataVolume(1);
  EXPECT_EQ(read->front().summary, wanted);
  EXPECT_EQ(read->front().offset, pack.entries[0].offset);
}

// Of one stream with many lines, so that the pack has a filter.
TestPack MakeFilteredPack() {
  PackWriter writer;
  BlockSealer sealer({.codec = Codec::kZstd, .filter_percent = 5});
  test::EntryGenerator generate(10);
  const auto chunks = MakeChunks(test::MakeBlock(generate.Entries(4'000)), sealer);
  const auto labels = std::make_shared<const Labels>(Labels({{"app", "api"}}));
  for (const FinishedChunk& chunk : chunks) {
    writer.Add(TenantId("t"), labels, labels->Hash(), chunk);
  }
  const PackWriter::Pack pack = writer.Finish();
  return {pack.Bytes(), pack.entries};
}

TEST(PackTest, AFilterStandsBeforeTheChunks) {
  const TestPack pack = MakeFilteredPack();
  const auto head = DecodePackHead(pack.bytes.substr(0, kPackHeadBytes));
  ASSERT_THAT(head, IsOk());
  EXPECT_EQ(head->version, 4u);
  EXPECT_EQ(head->chunks_offset, pack.entries.front().offset);
  const auto filter =
      PackFilter::Decode(pack.bytes.substr(head->filter_offset, head->filter_bytes));
  ASSERT_THAT(filter, IsOk());
  ASSERT_NE(filter->id_regions(), nullptr);
  EXPECT_EQ(head->regions_offset + filter->id_regions()->regions_bytes(), head->chunks_offset);
  const auto read = ReadPackDirectory(pack.bytes);
  ASSERT_THAT(read, IsOk());
  ASSERT_EQ(read->size(), pack.entries.size());
  for (size_t i = 0; i < read->size(); ++i) EXPECT_EQ((*read)[i].offset, pack.entries[i].offset);
}

TEST(PackTest, EveryByteBeforeTheRegionsOfAFilterIsChecked) {
  TestPack pack = MakeFilteredPack();
  const auto head = DecodePackHead(pack.bytes.substr(0, kPackHeadBytes));
  ASSERT_THAT(head, IsOk());
  for (size_t i = 0; i < head->regions_offset; ++i) {
    pack.bytes[i] = static_cast<char>(pack.bytes[i] ^ 0x20);
    ASSERT_THAT(ReadPackDirectory(pack.bytes), HasCode(StatusCode::kDataLoss)) << "byte " << i;
    pack.bytes[i] = static_cast<char>(pack.bytes[i] ^ 0x20);
  }
}

TEST(PackTest, FooterAndDirectoryAreEnoughToReadIt) {
  const TestPack pack = MakePack(3);
  const std::string_view bytes = pack.bytes;
  const auto footer = DecodePackFooter(bytes.substr(bytes.size() - kPackFooterBytes), bytes.size());
  ASSERT_THAT(footer, IsOk());
  const auto directory =
      DecodePackDirectory(*footer, bytes.substr(footer->directory_offset, footer->directory_bytes));
  ASSERT_THAT(directory, IsOk());
  EXPECT_EQ(directory->size(), 3u);
}

TEST(PackTest, EveryByteOutsideOfChunksIsChecked) {
  const TestPack pack = MakePack(3);
  const size_t chunks_begin = pack.entries.front().offset;
  const size_t chunks_end = pack.entries.back().offset + pack.entries.back().bytes;
  for (size_t i = 0; i < pack.bytes.size(); ++i) {
    if (i >= chunks_begin && i < chunks_end) continue;  // ChunkReader sees to these.
    std::string damaged = pack.bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x20);
    ASSERT_THAT(ReadPackDirectory(damaged), HasCode(StatusCode::kDataLoss)) << "byte " << i;
  }
}

TEST(PackTest, EveryCutIsDataLoss) {
  const TestPack pack = MakePack(2);
  for (size_t length = 0; length < pack.bytes.size(); ++length) {
    ASSERT_THAT(ReadPackDirectory(std::string_view(pack.bytes).substr(0, length)),
                HasCode(StatusCode::kDataLoss))
        << "cut at " << length;
  }
}

TEST(PackTest, FinishBeginsAnew) {
  PackWriter writer;
  BlockSealer sealer({});
  const auto chunks = MakeChunks(test::MakeBlock({{.seq = 1, .line = "x"}}), sealer);
  const auto labels = std::make_shared<const Labels>(Labels({{"a", "b"}}));
  for (int i = 0; i < 2; ++i) {
    writer.Add(TenantId("t"), labels, labels->Hash(), chunks.at(0));
    EXPECT_EQ(ReadPackDirectory(writer.Finish().Bytes())->size(), 1u);
    EXPECT_TRUE(writer.empty());
  }
}

}  // namespace
}  // namespace skald::chunkstore
