#include "chunkstore/block_check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "chunkstore/format/literal_probe.h"
#include "chunkstore/format/pack.h"
#include "chunkstore/store_fixture.h"
#include "chunkstore/test_entries.h"
#include "support/matchers.h"

namespace skald::chunkstore {
namespace {

using model::ScanContext;
using model::ScanRequest;
using test::IsOk;
using test::TestEntry;
using testing::Contains;
using testing::IsEmpty;
using testing::SizeIs;

// A stored chunk of some blocks whose filters of lines are in parts, and a small one at the end
// whose filter is in one piece.
class BlockCheckTest : public StoreFixture {
 protected:
  void SetUp() override {
    StoreFixture::SetUp();
    entries_ = test::EntryGenerator(23).Entries(3000);
    for (TestEntry& entry : entries_) entry.line += " id=" + generate_.Hex(32);
    const BlockSealer::Options options{.block_bytes = 128 << 10, .codec = Codec::kNone};
    std::vector<SealedBlock> blocks;
    BlockSealer(options).Seal(test::MakeBlock(entries_), blocks);
    size_t large = 0;
    for (size_t i = 0; i < 3; ++i) large += blocks.at(i).header.entries;
    entries_.resize(large + 40);
    Put({{"app", "api"}}, entries_, options);
    pack_ = objects_->List("packs/")->at(0).key;
    const std::string bytes = *objects_->Get(pack_);
    const auto directory = ReadPackDirectory(bytes);
    ASSERT_THAT(*directory, SizeIs(1));
    offset_ = directory->at(0).offset;
    header_ = *DecodeChunkHead(std::string_view(bytes).substr(offset_));
    ASSERT_EQ(header_.blocks.size(), 4u);
    for (size_t i = 0; i < 3; ++i) ASSERT_TRUE(header_.blocks[i].HasLineFilterParts()) << i;
    ASSERT_NE(header_.blocks[3].FindFilter(FilterKind::kLineGrams), nullptr);
  }

  ScanRequest RequestFor(const std::string& literal) {
    ScanRequest request = Request();
    request.literals = {{.any_of = {literal}}};
    return request;
  }

  // What it takes of the pack, once the head is known, to find entries for it or none.
  uint64_t BytesRead(const ScanRequest& request, bool finds) {
    Reopen();
    ScanContext first;
    Read(request, first);
    ScanContext context;
    EXPECT_EQ(Read(request, context).empty(), !finds);
    EXPECT_THAT(context.warnings.Take(), IsEmpty());
    return context.stats.compressed_bytes;
  }

  uint64_t FilterBytes(const FilterChoice& choice) const {
    uint64_t bytes = 0;
    for (const Extent& extent : WantedExtents(header_.blocks, choice)) bytes += extent.bytes;
    return bytes;
  }
  static FilterChoice OfLines(int parts) {
    return {.lines = static_cast<LineFilterParts>(parts), .metadata_values = false};
  }

  const BlockHeader& BlockOf(const TestEntry& entry) const {
    return *std::ranges::find_if(header_.blocks, [&](const BlockHeader& block) {
      return block.min_time <= entry.time && entry.time <= block.max_time;
    });
  }

  // Turns a bit of a part of the first block's filter.
  void Damage(LineFilterParts part) {
    std::string bytes = *objects_->Get(pack_);
    for (const FilterEntry& filter : header_.blocks.front().filters) {
      if (PartsOf(filter.kind) == part)
        bytes[offset_ + header_.filters_offset + filter.offset] ^= 1;
    }
    ASSERT_THAT(objects_->Put(pack_, bytes), IsOk());
    Reopen();
  }

  test::EntryGenerator generate_{24};
  std::vector<TestEntry> entries_;
  std::string pack_;
  uint64_t offset_ = 0;  // Of the chunk in the pack.
  ChunkHeader header_;
};

TEST_F(BlockCheckTest, AnAbsentIdIsRuledOutByOnePart) {
  const ScanRequest request = RequestFor(generate_.Hex(32));
  const int first = LiteralProbe(request.literals).FirstParts();
  EXPECT_EQ(BytesRead(request, false), FilterBytes(OfLines(first)));
  EXPECT_LT(FilterBytes(OfLines(first)), FilterBytes(OfLines(kAllLineFilterParts)) / 2);
}

TEST_F(BlockCheckTest, WhereThePartDoesNotRuleOutABlockTheOthersAreAsked) {
  const std::string& line = entries_[500].line;
  const ScanRequest request = RequestFor(line.substr(line.size() - 32));
  const int first = LiteralProbe(request.literals).FirstParts();
  EXPECT_EQ(BytesRead(request, true), FilterBytes(OfLines(first)) +
                                          FilterBytes(OfLines(kAllLineFilterParts & ~first)) +
                                          BlockOf(entries_[500]).data_bytes);
}

TEST_F(BlockCheckTest, OfABlockInOnePieceAllIsAskedWithThePartOfOthers) {
  const std::string& line = entries_.back().line;
  const ScanRequest request = RequestFor(line.substr(line.size() - 32));
  const int first = LiteralProbe(request.literals).FirstParts();
  EXPECT_EQ(BytesRead(request, true),
            FilterBytes(OfLines(first)) + BlockOf(entries_.back()).data_bytes);
}

TEST_F(BlockCheckTest, OfFewGramsAllPartsAreAskedAtOnce) {
  const ScanRequest request = RequestFor("~zq{?#!|zq");
  ASSERT_EQ(LiteralProbe(request.literals).FirstParts(), kAllLineFilterParts);
  EXPECT_EQ(BytesRead(request, false), FilterBytes(OfLines(kAllLineFilterParts)));
}

TEST_F(BlockCheckTest, OfMetadataAloneNoFilterOfLinesIsRead) {
  // The last block has so few values that it has no filter of them.
  ScanRequest request = Request({.start = 0, .end = header_.blocks.back().min_time});
  request.labels = {{.name = "trace_id", .any_of = {generate_.Hex(32)}}};
  EXPECT_EQ(BytesRead(request, false), FilterBytes({.lines = 0}));
  // Nor is a part of them read twice where both are asked for.
  request.literals = {{.any_of = {generate_.Hex(32)}}};
  const LineFilterParts first = LiteralProbe(request.literals).FirstParts();
  EXPECT_EQ(BytesRead(request, false), FilterBytes({.lines = first}));
}

TEST_F(BlockCheckTest, DamageOfOnePartHidesNoLine) {
  for (const TestEntry& entry : {entries_[3], entries_[500]}) {
    const ScanRequest request = RequestFor(entry.line.substr(entry.line.size() - 32));
    for (size_t part = 0; part < kLineFilterParts; ++part) {
      Damage(static_cast<LineFilterParts>(1 << part));
      EXPECT_THAT(Read(request), Contains(entry)) << part;
      Damage(static_cast<LineFilterParts>(1 << part));  // Mends it.
    }
  }
}

}  // namespace
}  // namespace skald::chunkstore
