#include "chunkstore/format/block_decoder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "chunkstore/format/block_sealer.h"
#include "chunkstore/test_entries.h"
#include "support/matchers.h"

namespace skald::chunkstore {
namespace {

using test::HasMessage;
using test::IsOk;
using test::TestEntry;
using testing::HasSubstr;

TEST(BlockDecoderTest, UnwantedColumnsNeedNotBeThere) {
  std::vector<SealedBlock> blocks;
  BlockSealer({.codec = Codec::kNone})
      .Seal(test::MakeBlock(test::EntryGenerator(4).Entries(2000)), blocks);
  const model::ColumnSet counting = {
      .lines = false, .line_lengths = false, .all_metadata = false, .metadata = {}};
  const SealedBlock& block = blocks.at(0);
  const std::vector<Extent> extents = WantedExtents(block.header, counting);
  ASSERT_EQ(extents.size(), 1u);
  EXPECT_LT(extents[0].bytes, block.data.size() / 10);
  const StoredPart part = {
      .offset = extents[0].offset,
      .bytes = std::string_view(block.data).substr(extents[0].offset, extents[0].bytes)};
  EXPECT_THAT(DecodeBlock(block.header, counting, std::span(&part, 1)), IsOk());
  EXPECT_THAT(DecodeBlock(block.header, {}, std::span(&part, 1)),
              HasMessage(HasSubstr("bytes are missing")));
}

TEST(BlockDecoderTest, LeavesNothingOfTheBlockThatWasDecodedBefore) {
  const model::ColumnSet sets[] = {
      {},
      {.lines = false, .line_lengths = false, .all_metadata = false, .metadata = {}},
      {.lines = false, .line_lengths = true, .all_metadata = false, .metadata = {"trace_id"}},
      {.lines = true, .line_lengths = true, .all_metadata = false, .metadata = {}}};
  model::EntryBlock reused;
  DecodeBuffers buffers;
  for (const size_t count : {2000, 30, 500, 2001, 31, 501}) {
    std::vector<SealedBlock> blocks;
    BlockSealer::Options options;
    if (count % 10 == 1) options = {.codec = Codec::kZstd, .split_lines = true};
    BlockSealer(options).Seal(test::MakeBlock(test::EntryGenerator(count).Entries(count)), blocks);
    const SealedBlock& block = blocks.at(0);
    const StoredPart whole = {.offset = 0, .bytes = block.data};
    for (const model::ColumnSet& columns : sets) {
      const auto fresh = DecodeBlock(block, columns);
      ASSERT_THAT(fresh, IsOk());
      ASSERT_THAT(DecodeBlock({block.header, columns, std::span(&whole, 1)}, buffers, reused),
                  IsOk());
      EXPECT_EQ(reused.times, fresh->times);
      EXPECT_EQ(reused.seqs, fresh->seqs);
      EXPECT_EQ(reused.has_lines, fresh->has_lines);
      EXPECT_EQ(reused.lines.text, fresh->lines.text);
      EXPECT_EQ(reused.lines.offsets, fresh->lines.offsets);
      EXPECT_EQ(reused.has_all_metadata, fresh->has_all_metadata);
      ASSERT_EQ(reused.metadata.size(), fresh->metadata.size());
      for (size_t i = 0; i < fresh->metadata.size(); ++i) {
        EXPECT_EQ(reused.metadata[i].name, fresh->metadata[i].name);
        EXPECT_EQ(reused.metadata[i].codes, fresh->metadata[i].codes);
        EXPECT_EQ(reused.metadata[i].values.text, fresh->metadata[i].values.text);
        EXPECT_EQ(reused.metadata[i].values.offsets, fresh->metadata[i].values.offsets);
      }
    }
  }
}

// Of a block that has it come the rows; one that has not is left alone.
TEST(BlockDecoderTest, ASearchDecodesOnlyBlocksThatMayHaveWhatItWants) {
  const std::vector<TestEntry> entries = test::EntryGenerator(9).Entries(2000);
  std::vector<SealedBlock> blocks;
  BlockSealer({.codec = Codec::kZstd, .split_lines = true}).Seal(test::MakeBlock(entries), blocks);
  const SealedBlock& block = blocks.at(0);
  const StoredPart whole = {.offset = 0, .bytes = block.data};
  // What follows the last separator of a line is cut into words of its own.
  const std::string address = entries[block.header.entries / 2].line.substr(
      entries[block.header.entries / 2].line.find("addr="));
  const std::vector<std::vector<model::RequiredLiteral>> searches = {
      {{.any_of = {"absent"}}},
      {{.any_of = {address}}},
      {{.any_of = {"status"}}, {.any_of = {address}}}};
  model::EntryBlock reused;
  DecodeBuffers buffers;
  for (const auto& literals : searches) {
    const RowFilter filter(literals);
    RowSearch search{.filter = filter, .rows = {1, 2, 3}};
    const model::ColumnSet everything;
    ASSERT_THAT(
        DecodeBlock({block.header, everything, std::span(&whole, 1), &search}, buffers, reused),
        IsOk());
    EXPECT_TRUE(search.told);
    for (uint32_t row = 0; row < block.header.entries; ++row) {
      const bool holds = std::ranges::all_of(literals, [&](const auto& literal) {
        return entries[row].line.find(literal.any_of[0]) != std::string::npos;
      });
      const bool told = std::ranges::binary_search(search.rows, row);
      EXPECT_TRUE(told || !holds) << entries[row].line;
      if (!told) continue;
      EXPECT_EQ(test::EntryAt(reused, row), entries[row]);
    }
    EXPECT_EQ(search.rows.empty(), literals[0].any_of[0] == "absent");
  }
}

}  // namespace
}  // namespace skald::chunkstore
