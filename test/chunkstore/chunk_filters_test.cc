#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "chunkstore/format/chunk_reader.h"
#include "chunkstore/format/chunk_writer.h"
#include "chunkstore/format/literal_probe.h"
#include "chunkstore/test_chunks.h"
#include "chunkstore/test_entries.h"
#include "common/bytes.h"
#include "common/hash.h"
#include "support/matchers.h"

namespace skald::chunkstore {
namespace {

using test::HasMessage;
using test::IsOk;

TEST(ChunkFiltersTest, FiltersComeBackForTheirBlocks) {
  const std::string chunk =
      test::ChunkOf(test::EntryGenerator(8).Entries(3000), {.block_bytes = 64 << 10});
  const auto reader = ChunkReader::Make(chunk);
  ASSERT_THAT(reader, IsOk());
  const LiteralProbe absent({{.any_of = {"surely not in there"}}});
  for (size_t i = 0; i < reader->blocks().size(); ++i) {
    const auto filters = reader->ReadFilters(i);
    ASSERT_THAT(filters, IsOk());
    EXPECT_FALSE(filters->lines.empty());
    EXPECT_FALSE(absent.MayMatch(filters->lines));
  }
}

TEST(ChunkFiltersTest, FiltersOfOneKindLieSideBySide) {
  const std::string chunk = test::ChunkWithFilterParts();
  const auto header = DecodeChunkHead(chunk);
  ASSERT_THAT(header, IsOk());
  ASSERT_GT(header->blocks.size(), 2u);
  std::map<FilterKind, std::vector<Extent>> by_kind;
  for (const BlockHeader& block : header->blocks) {
    for (const FilterEntry& filter : block.filters) {
      by_kind[filter.kind].push_back({filter.offset, filter.bytes});
    }
  }
  uint64_t end = 0;
  for (const auto& [kind, extents] : by_kind) {
    for (const Extent& extent : extents) {
      EXPECT_EQ(extent.offset, end) << static_cast<int>(kind);
      end += extent.bytes;
    }
  }
  EXPECT_EQ(end, header->filters_bytes);
  for (size_t part = 0; part < kLineFilterParts; ++part) {
    EXPECT_GT(by_kind[LineGramsPart(part)].size(), 1u);
  }
}

TEST(ChunkFiltersTest, EveryFlippedByteOfFiltersIsFound) {
  std::string chunk = test::ChunkWithFilterParts();
  const auto header = DecodeChunkHead(chunk);
  ASSERT_THAT(header, IsOk());
  const auto reader = ChunkReader::Make(chunk);  // Of bytes that change under it.
  ASSERT_THAT(reader, IsOk());
  for (uint64_t i = 0; i < header->filters_bytes; ++i) {
    char& byte = chunk[header->filters_offset + i];
    byte = static_cast<char>(byte ^ 0x10);
    size_t damaged = 0;
    for (size_t block = 0; block < header->blocks.size(); ++block) {
      damaged += reader->ReadFilters(block).ok() ? 0 : 1;
    }
    ASSERT_EQ(damaged, 1u) << i;
    byte = static_cast<char>(byte ^ 0x10);
  }
}

TEST(ChunkFiltersTest, FiltersThatAreNotWhatTheirBlockSaysAreDamage) {
  const std::string chunk = test::ChunkWithFilterParts();
  const auto reader = ChunkReader::Make(chunk);
  ASSERT_THAT(reader, IsOk());
  std::vector<BlockHeader> blocks = reader->blocks();
  uint64_t chunk_bytes = 0;
  ASSERT_THAT(DecodeChunkHead(EncodeChunkHead(blocks, &chunk_bytes)), IsOk());
  // A byte of the one goes to the other, so that together they are as long as before.
  ++blocks[0].filters.front().bytes;
  --blocks[1].filters.back().bytes;
  EXPECT_THAT(DecodeChunkHead(EncodeChunkHead(blocks, &chunk_bytes)),
              HasMessage("block table: bad filters"));
}

// The blocks of a chunk as version 4 had them: filters side by side by block, their offsets within
// those of the block.
std::string AsVersion4(const std::vector<SealedBlock>& blocks) {
  std::string table;
  std::string rest;
  PutVarint(table, blocks.size());
  for (const SealedBlock& block : blocks) {
    const BlockHeader& header = block.header;
    for (const uint64_t number :
         {header.entries, ZigZag(header.min_time),
          static_cast<uint64_t>(header.max_time - header.min_time), header.min_seq,
          header.max_seq - header.min_seq, header.line_bytes, header.metadata_bytes,
          header.metadata_volume, header.filters_bytes, header.data_bytes,
          static_cast<uint64_t>(header.columns.size())}) {
      PutVarint(table, number);
    }
    for (const ColumnEntry& column : header.columns) {
      table.push_back(static_cast<char>(column.kind));
      PutLengthPrefixed(table, column.name);
      table.push_back(static_cast<char>(column.codec));
      for (const uint64_t number : {column.offset, column.stored_bytes, column.raw_bytes}) {
        PutVarint(table, number);
      }
      PutFixed32(table, column.crc32c);
    }
    PutVarint(table, header.filters.size());
    for (const FilterEntry& filter : header.filters) {
      table.push_back(static_cast<char>(filter.kind));
      PutVarint(table, filter.offset);
      PutVarint(table, filter.bytes);
      PutFixed32(table, filter.crc32c);
    }
    rest += block.filters;
  }
  for (const SealedBlock& block : blocks) rest += block.data;
  std::string chunk;
  PutFixed32(chunk, kChunkMagic);
  PutFixed32(chunk, 4);
  PutFixed32(chunk, static_cast<uint32_t>(table.size()));
  PutFixed32(chunk, Crc32c(table));
  PutFixed64(chunk, kChunkPrologueBytes + table.size() + rest.size());
  PutFixed32(chunk, Crc32c(chunk));
  return chunk + table + rest;
}

TEST(ChunkFiltersTest, FiltersOfVersion4AreReadAndCopied) {
  BlockSealer sealer({.block_bytes = 8 << 10});
  std::vector<SealedBlock> blocks;
  sealer.Seal(test::MakeBlock(test::EntryGenerator(12).Entries(600)), blocks);
  ASSERT_GT(blocks.size(), 3u);
  const std::string chunk = AsVersion4(blocks);
  const auto reader = ChunkReader::Make(chunk);
  ASSERT_THAT(reader, IsOk());
  const LiteralProbe absent({{.any_of = {"surely not in there"}}});
  size_t of_metadata = 0;
  std::vector<SealedBlock> copies;
  for (size_t i = 0; i < blocks.size(); ++i) {
    of_metadata += blocks[i].header.FindFilter(FilterKind::kMetadataValues) != nullptr ? 1 : 0;
    ASSERT_NE(blocks[i].header.FindFilter(FilterKind::kLineGrams), nullptr);
    const auto filters = reader->ReadFilters(i);
    ASSERT_THAT(filters, IsOk());
    EXPECT_FALSE(absent.MayMatch(filters->lines));
    copies.push_back(*reader->CopyBlock(i));
    EXPECT_EQ(copies.back().filters, blocks[i].filters);
  }
  EXPECT_GT(of_metadata, 2u);
  const std::vector<FinishedChunk> joined = JoinToChunks(std::move(copies));
  ASSERT_EQ(joined.size(), 1u);
  EXPECT_EQ(joined[0].Bytes(), JoinToChunks(std::move(blocks)).at(0).Bytes());
}

TEST(ChunkFiltersTest, DamageOfAPartIsFoundByThoseWhoReadIt) {
  std::string chunk = test::ChunkWithFilterParts();
  const auto header = DecodeChunkHead(chunk);
  ASSERT_THAT(header, IsOk());
  for (const FilterEntry& filter : header->blocks.at(1).filters) {
    char& byte = chunk[header->filters_offset + filter.offset + filter.bytes / 2];
    byte = static_cast<char>(byte ^ 4);
    const auto reader = ChunkReader::Make(chunk);
    ASSERT_THAT(reader, IsOk());
    for (size_t part = 0; part < kLineFilterParts; ++part) {
      const auto read = reader->ReadFilters(
          1, {.lines = static_cast<LineFilterParts>(1 << part), .metadata_values = false});
      EXPECT_EQ(read.ok(), filter.kind != LineGramsPart(part));
    }
    EXPECT_THAT(reader->ReadFilters(0), IsOk());
    EXPECT_THAT(reader->ReadFilters(1), HasMessage("block 1: filter: crc mismatch"));
    EXPECT_THAT(reader->CopyBlock(1), HasMessage("block 1: filter: crc mismatch"));
    byte = static_cast<char>(byte ^ 4);
  }
}

}  // namespace
}  // namespace skald::chunkstore
