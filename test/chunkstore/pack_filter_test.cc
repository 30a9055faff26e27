#include "chunkstore/format/pack_filter.h"

#include <gtest/gtest.h>

#include <bit>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chunkstore/format/line_filter_index.h"
#include "chunkstore/sealed_filters.h"
#include "chunkstore/test_entries.h"
#include "common/bytes.h"
#include "common/hash.h"
#include "support/matchers.h"

namespace skald::chunkstore {
namespace {

using test::FilterOfPack;
using test::HasCode;
using test::IsOk;

constexpr uint64_t kLargePack = 64 << 20;
constexpr const char* kHex32 = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr const char* kHex16 = "00f067aa0ba902b7";
constexpr const char* kUuid = "0f8fad5b-d9cb-469f-a165-70867728950e";

std::string ToHex(std::string_view bytes) {
  std::string hex;
  for (const char byte : bytes) {
    for (const int shift : {4, 0})
      hex += "0123456789abcdef"[static_cast<uint8_t>(byte) >> shift & 15];
  }
  return hex;
}

// A pack of lines of words, with `extra` among them.
FilterOfPack PackWith(const std::vector<std::string>& extra) {
  std::vector<test::TestEntry> entries;
  for (int i = 0; i < 200; ++i) {
    entries.push_back({.time = i, .seq = 1 + static_cast<uint64_t>(i), .line = "user logged in"});
  }
  for (size_t i = 0; i < extra.size(); ++i) entries[i * 3].line += " " + extra[i];
  return FilterOfPack({test::MakeBlock(entries)}, kLargePack);
}

bool MayHold(const FilterOfPack& pack, const std::string& literal, bool fold_case = false) {
  return pack.MayMatch(PackProbe({{.any_of = {literal}, .fold_case = fold_case}})) != 0;
}

TEST(PackFilterTest, TellsIdsThatAreThereFromThoseThatAreNot) {
  const FilterOfPack pack =
      PackWith({kHex32, std::string("id=") + kUuid, "4BF92F3577B34DA6A3CE929D"});
  EXPECT_TRUE(MayHold(pack, kHex32));
  EXPECT_TRUE(MayHold(pack, std::string("id=") + kUuid));
  EXPECT_TRUE(MayHold(pack, "4bf92f3577b34da6a3ce929d", true));
  EXPECT_FALSE(MayHold(pack, "7d3f9a61c0de4b1e8f00aa55deadbeef"));
  EXPECT_FALSE(MayHold(pack, "7c9e6679-7425-40de-944b-e07fc1f90ae7"));
}

TEST(PackFilterTest, APartOfALongerIdIsNotDenied) {
  const FilterOfPack pack = PackWith({kHex32});
  EXPECT_TRUE(MayHold(pack, std::string(kHex32).substr(7, 20)));
  // Nothing is known of parts that short where there are longer ids; of others in quotes, all is.
  EXPECT_TRUE(MayHold(pack, kHex16));
  EXPECT_FALSE(MayHold(pack, "=" + std::string(kHex16) + ";"));
}

TEST(PackFilterTest, AShortIdIsDeniedWhereNoneIsLonger) {
  const FilterOfPack pack = PackWith({kHex16});
  EXPECT_TRUE(MayHold(pack, kHex16));
  EXPECT_FALSE(MayHold(pack, "b7ad6b7169203331"));
  EXPECT_FALSE(MayHold(pack, kHex32)) << "a class without ids";
}

TEST(PackFilterTest, TellsWordsThatAreNowhere) {
  const FilterOfPack pack = PackWith({"注文が拒否されました"});
  EXPECT_TRUE(MayHold(pack, "ogged"));
  EXPECT_TRUE(MayHold(pack, "logged", true));
  EXPECT_TRUE(MayHold(pack, "拒否"));
  EXPECT_FALSE(MayHold(pack, "OutOfMemoryError"));
  EXPECT_FALSE(MayHold(pack, "決済障害"));
  EXPECT_TRUE(MayHold(pack, "log")) << "shorter than a gram";
}

TEST(PackFilterTest, TellsTheGroupOfStreamsThatHasAnId) {
  test::EntryGenerator generate(5);
  std::vector<std::string> ids;
  std::vector<model::EntryBlock> blocks;
  for (uint32_t group = 0; group < kStreamGroups; ++group) {
    std::vector<test::TestEntry> entries;
    for (int i = 0; i < 300; ++i) {
      ids.push_back(generate.Hex(32));
      entries.push_back({.time = i, .seq = 1, .line = "id=" + ids.back()});
    }
    blocks.push_back(test::MakeBlock(entries));
  }
  const FilterOfPack pack(blocks, kLargePack);
  uint64_t wrong = 0;
  for (size_t i = 0; i < ids.size(); ++i) {
    const StreamGroups own = StreamGroups{1} << (i / 300);
    const StreamGroups told = pack.MayMatch(PackProbe({{.any_of = {ids[i]}}}));
    ASSERT_EQ(told & own, own) << ids[i];
    wrong += static_cast<uint64_t>(std::popcount(told & ~own));
  }
  EXPECT_LT(wrong, ids.size() * kStreamGroups / 2000) << "once in 4,096 times is wanted";
}

// A filter whose section of ids is of that kind, as packs were written once.
PackFilter OldFilter(uint8_t kind, const EncodedKeySet& set) {
  std::string head(1, static_cast<char>(kind));
  PutLengthPrefixed(head, "\x07" + set.table);
  PutFixed32(head, Crc32c(head));
  auto filter = PackFilter::Decode(head);
  EXPECT_THAT(filter, IsOk());
  EXPECT_EQ(filter->id_regions()->regions_bytes(), set.regions.size());
  return *std::move(filter);
}

TEST(PackFilterTest, IdsOfAllStreamsTogetherAreReadAsTheyWereWrittenOnce) {
  const std::vector<uint32_t> keys = {1, 77, 1u << 30};
  const EncodedKeySet set = EncodeKeySet(keys, {});
  const PackFilter filter = OldFilter(1, set);
  for (const uint32_t key : keys) EXPECT_EQ(*filter.GroupsWithId(key, set.regions), kAllStreams);
  EXPECT_EQ(*filter.GroupsWithId(78, set.regions), 0u);
  EXPECT_EQ(filter.id_keys(), 3u);
}

TEST(PackFilterTest, IdsOfGroupsAreReadAsTheyWereWrittenOnce) {
  // Of groups 3 and 31.
  const std::vector<uint32_t> keys = {77u ^ 3u << 11, 77u ^ 31u << 11, 1u << 30 ^ 3u << 11};
  const EncodedKeySet set = EncodeKeySet(keys, {});
  const PackFilter filter = OldFilter(4, set);
  EXPECT_EQ(*filter.GroupsWithId(77, set.regions), 1u << 3 | 1u << 31);
  EXPECT_EQ(*filter.GroupsWithId(1u << 30, set.regions), 1u << 3);
  EXPECT_EQ(*filter.GroupsWithId(78, set.regions), 0u);
}

TEST(PackFilterTest, LettersThatEqualOthersWithoutCaseAreNotDenied) {
  const FilterOfPack pack =
      PackWith({"mi\xc5\xbfsing-to\xe2\x84\xaa"
                "en-1234-abcd-ef56"});
  EXPECT_TRUE(MayHold(pack, "missing-token-1234-abcd-ef56", true));
}

TEST(PackFilterTest, KnowsNamesAndValuesOfMetadata) {
  std::vector<test::TestEntry> entries;
  for (int i = 0; i < 50; ++i) {
    entries.push_back({.time = i, .seq = 1, .line = "x", .metadata = {{"trace_id", kHex32}}});
  }
  const FilterOfPack pack({test::MakeBlock(entries)}, kLargePack);
  EXPECT_TRUE(pack.filter().MayHaveMetadata("trace_id"));
  EXPECT_FALSE(pack.filter().MayHaveMetadata("span_id"));
  EXPECT_NE(pack.MayMatch(PackProbe({{.any_of = {kHex32}}}, PackProbe::Edges::kClosed)), 0u);
  EXPECT_EQ(pack.MayMatch(PackProbe({{.any_of = {kUuid}}}, PackProbe::Edges::kClosed)), 0u);
}

TEST(PackFilterTest, WhatDoesNotFitRulesOutNothing) {
  SealedBlock block;
  block.terms = {.known = true, .id_classes = 4, .ids = {}, .words = {}};
  for (uint32_t i = 0; i < 48'000; ++i) block.terms.ids.push_back(i * 0x9e3779b1u);
  PackFilterBuilder builder;
  builder.Add(block, 0);
  const FilterOfPack pack(builder.Finish(150 << 10));
  EXPECT_EQ(pack.filter().id_regions(), nullptr);
  EXPECT_TRUE(MayHold(pack, kHex32));
}

// The example of FORMAT.md, which test/integration/formats.py reads as it stands there.
TEST(PackFilterTest, IsWrittenAsFormatMdShows) {
  PackFilterBuilder builder;
  const std::string line = std::string("user ") + kHex32;
  builder.Add(test::SealOne(test::MakeBlock({{.time = 1, .seq = 1, .line = line}}), Codec::kZstd),
              5);
  const PackFilterBuilder::Encoded filter = builder.Finish(kLargePack);
  EXPECT_EQ(ToHex(filter.head), "05060401000c1100020f018080100011070076be05c63df19d030000a5b4c5");
  EXPECT_EQ(ToHex(filter.regions), "00010100010001000101010001fca81834");
}

TEST(PackFilterTest, ABlockOfWhichNotAllIsKnownLeavesThePackWithoutAFilter) {
  PackFilterBuilder builder;
  builder.Add(SealedBlock(), 0);
  EXPECT_TRUE(builder.Finish(kLargePack).head.empty());
}

TEST(PackFilterTest, ACarriedFilterTellsOfIdsAndWordsWhatItDidAndOfMetadataWhatBlocksHave) {
  const auto entry = [](const char* line, const char* name) {
    return test::MakeBlock({{.time = 1, .seq = 1, .line = line, .metadata = {{name, "v"}}}});
  };
  PackFilterBuilder builder;
  builder.Add(test::SealOne(entry(kHex32, "gone"), Codec::kZstd), 0);
  builder.Add(test::SealOne(entry("user logged in", "kept"), Codec::kZstd), 0);
  const PackFilterBuilder::Encoded before = builder.Finish(kLargePack);
  ASSERT_THAT(builder.Carry(before.head, before.regions), IsOk());
  SealedBlock copied = test::SealOne(entry("user logged in", "kept"), Codec::kZstd);
  copied.terms = {};
  builder.Add(copied, 0);
  const FilterOfPack after(builder.Finish(kLargePack));
  EXPECT_TRUE(MayHold(after, "logged"));
  EXPECT_TRUE(MayHold(after, kHex32)) << "is told of, though it is gone";
  EXPECT_FALSE(MayHold(after, "7d3f9a61c0de4b1e8f00aa55deadbeef"));
  EXPECT_FALSE(MayHold(after, "OutOfMemoryError"));
  EXPECT_TRUE(after.filter().MayHaveMetadata("kept"));
  EXPECT_FALSE(after.filter().MayHaveMetadata("gone"));
  builder.Add(copied, 0);
  EXPECT_TRUE(builder.Finish(kLargePack).head.empty()) << "the next pack begins anew";
}

TEST(PackFilterTest, ADamagedFilterIsNotCarried) {
  PackFilterBuilder builder;
  builder.Add(test::SealOne(test::MakeBlock({{.seq = 1, .line = kHex32}}), Codec::kZstd), 0);
  PackFilterBuilder::Encoded encoded = builder.Finish(kLargePack);
  EXPECT_THAT(builder.Carry(encoded.head, ""), HasCode(StatusCode::kDataLoss));
  encoded.regions[0] = static_cast<char>(encoded.regions[0] ^ 1);
  EXPECT_THAT(builder.Carry(encoded.head, encoded.regions), HasCode(StatusCode::kDataLoss));
  encoded.head[3] = static_cast<char>(encoded.head[3] ^ 1);
  EXPECT_THAT(builder.Carry(encoded.head, encoded.regions), HasCode(StatusCode::kDataLoss));
}

TEST(PackFilterTest, AFilterIsNotCarriedToChunksThatItIsTooLargeFor) {
  SealedBlock block;
  block.terms = {.known = true, .id_classes = 4, .ids = {}, .words = {}};
  for (uint32_t i = 0; i < 10'000; ++i) block.terms.ids.push_back(i * 0x9e3779b1u);
  PackFilterBuilder builder;
  builder.Add(block, 0);
  const FilterOfPack pack(builder.Finish(kLargePack));
  EXPECT_TRUE(pack.filter().MayBeCarried(234'000));
  EXPECT_FALSE(pack.filter().MayBeCarried(233'000));
}

TEST(PackFilterTest, TakesWhatFiltersOfBlocksLeaveOfATenth) {
  SealedBlock block;
  block.terms = {.known = true, .id_classes = 4, .ids = {}, .words = {}};
  for (uint32_t i = 0; i < 10'000; ++i) block.terms.ids.push_back(i * 0x9e3779b1u);
  constexpr uint64_t kDataBytes = 200'000;
  for (const uint64_t of_blocks : {0, 5'000, 11'000, 15'000, 21'000}) {
    block.filters.assign(of_blocks, 'x');
    PackFilterBuilder builder;
    builder.Add(block, 0);
    const PackFilterBuilder::Encoded filter = builder.Finish(kDataBytes);
    EXPECT_LE(of_blocks + filter.head.size() + filter.regions.size(),
              std::max(of_blocks, kDataBytes / 10));
    EXPECT_EQ(filter.regions.empty(), of_blocks > 15'000) << of_blocks;
  }
}

TEST(PackFilterTest, EveryDamagedByteOfItsHeadIsDataLoss) {
  PackFilterBuilder builder;
  SealedBlock block;
  block.terms = {.known = true, .id_classes = 1, .ids = {1, 77}, .words = {1u << 30}};
  builder.Add(block, 0);
  std::string head = builder.Finish(kLargePack).head;
  ASSERT_THAT(PackFilter::Decode(head), IsOk());
  for (char& byte : head) {
    byte = static_cast<char>(byte ^ 4);
    EXPECT_THAT(PackFilter::Decode(head), HasCode(StatusCode::kDataLoss));
    byte = static_cast<char>(byte ^ 4);
  }
}

// The pass over whole steps finds what the plain one does, which short lines and metadata take.
TEST(PackFilterTest, BothWaysToCollectTermsAgree) {
  test::EntryGenerator generate(12);
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (uint64_t i = generate.Below(40); i > 0; --i) {
      text += generate.Line();
      if (generate.Below(3) == 0) text += generate.Hex(generate.Below(90));
      if (generate.Below(4) == 0) text += "-" + generate.Hex(generate.Below(30));
      text += "\n";
    }
    LineFilterBuilder steps;
    steps.Add(text);
    LineFilterBuilder plain;
    plain.AddTerms(text);
    const PackTerms got = steps.TakeTerms();
    const PackTerms want = plain.TakeTerms();
    EXPECT_EQ(got.ids, want.ids);
    EXPECT_EQ(got.words, want.words);
    EXPECT_EQ(got.id_classes, want.id_classes);
  }
}

}  // namespace
}  // namespace skald::chunkstore
