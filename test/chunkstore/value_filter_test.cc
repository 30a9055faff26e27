#include "chunkstore/format/value_filter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "chunkstore/format/block_filters.h"
#include "chunkstore/format/block_pruner.h"
#include "chunkstore/sealed_filters.h"
#include "chunkstore/test_entries.h"
#include "support/case_count.h"
#include "support/matchers.h"

namespace skald::chunkstore {
namespace {

using test::EntryGenerator;
using test::TestEntry;

const model::Labels kStream = {{"app", "a"}};

// Of any length and any bytes, now and then one that was there before.
std::string Value(EntryGenerator& generate, const std::vector<TestEntry>& before) {
  if (!before.empty() && generate.Below(4) == 0) {
    const TestEntry& entry = before[generate.Below(before.size())];
    if (!entry.metadata.empty()) return entry.metadata.front().second;
  }
  std::string value = generate.Hex(generate.Below(40));
  if (generate.Below(3) == 0) value += static_cast<char>(generate.Below(256));
  return value + std::to_string(generate.Below(1000));
}

std::vector<TestEntry> EntriesWithMetadata(EntryGenerator& generate, size_t count) {
  std::vector<TestEntry> entries;
  for (size_t i = 0; i < count; ++i) {
    TestEntry entry{.time = test::kStartNs + static_cast<int64_t>(i),
                    .seq = i + 1,
                    .line = generate.Line(),
                    .metadata = {}};
    for (const char* name : {"request", "trace_id", "user"}) {
      if (generate.Below(3) != 0) entry.metadata.emplace_back(name, Value(generate, entries));
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

bool MayHave(const SealedBlock& block, const std::string& name, std::vector<std::string> values) {
  const BlockPruner pruner({.labels = {{.name = name, .any_of = std::move(values)}}});
  const auto filters = FindFilters(block.header, block.filters);
  EXPECT_THAT(filters, test::IsOk());
  return pruner.MayMatch(kStream, block.header, *filters);
}

TEST(ValueFilterPropertyTest, NeverDeniesAValueThatAStoredBlockHas) {
  constexpr uint64_t kSeed = 20261129;
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  EntryGenerator generate(kSeed);
  const int cases = test::CaseCount(200'000);
  int checked = 0;
  int rounds = 0;
  int with_filter = 0;
  for (; checked < cases; ++rounds) {
    const auto entries = EntriesWithMetadata(generate, 20 + generate.Below(600));
    const Codec codec = generate.Below(2) == 0 ? Codec::kLz4 : Codec::kZstd;
    const SealedBlock block = test::SealOne(test::MakeBlock(entries), codec);
    EXPECT_LE(block.filters.size(), block.data.size() / 10);
    with_filter += block.header.FindFilter(FilterKind::kMetadataValues) != nullptr ? 1 : 0;
    const auto filters = FindFilters(block.header, block.filters);
    ASSERT_THAT(filters, test::IsOk());
    for (const TestEntry& entry : entries) {
      for (const auto& [name, value] : entry.metadata) {
        ++checked;
        const BlockPruner pruner({.labels = {{.name = name, .any_of = {"absent", value}}}});
        ASSERT_TRUE(pruner.MayMatch(kStream, block.header, *filters))
            << name << "=" << value << "\nround " << rounds;
      }
    }
  }
  EXPECT_GT(with_filter, rounds / 2);
  std::cout << checked << " cases\n";
}

TEST(ValueFilterTest, RulesOutNearlyAllValuesThatABlockHasNot) {
  EntryGenerator generate(3);
  for (const Codec codec : {Codec::kLz4, Codec::kZstd}) {
    const SealedBlock block = test::SealOne(test::MakeBlock(generate.Entries(2000)), codec);
    constexpr int kAbsent = 2000;
    int passed = 0;
    for (int i = 0; i < kAbsent; ++i) passed += MayHave(block, "trace_id", {generate.Hex(32)});
    EXPECT_LT(passed, kAbsent / 50) << CodecName(codec);
  }
}

TEST(ValueFilterTest, TellsNamesApart) {
  std::vector<TestEntry> entries = EntryGenerator(4).Entries(1000);
  for (TestEntry& entry : entries) {
    entry.metadata = {{"a", EntryGenerator(entry.seq).Hex(30)}, {"b", std::to_string(entry.seq)}};
  }
  const SealedBlock block = test::SealOne(test::MakeBlock(entries), Codec::kLz4);
  EXPECT_TRUE(MayHave(block, "b", {"7"}));
  EXPECT_FALSE(MayHave(block, "a", {"7"}));
  EXPECT_NE(HashValue("ab", "c"), HashValue("a", "bc"));
  EXPECT_NE(HashValue("a", ""), HashValue("", "a"));
}

TEST(ValueFilterTest, IsAskedForWhatAColumnOfManyBytesMayHaveAlone) {
  const SealedBlock block =
      test::SealOne(test::MakeBlock(EntryGenerator(5).Entries(1000)), Codec::kLz4);
  const auto asks = [&](const model::RequiredLabel& label, const model::Labels& stream) {
    return BlockPruner({.labels = {label}}).AsksFilters(stream, block.header) != kNoFilters;
  };
  EXPECT_TRUE(asks({.name = "trace_id", .any_of = {"x"}}, kStream));
  EXPECT_FALSE(asks({.name = "trace_id"}, kStream));
  EXPECT_FALSE(asks({.name = "trace_id", .any_of = {"x"}, .may_be_parsed = true}, kStream));
  EXPECT_FALSE(asks({.name = "trace_id", .any_of = {"x"}}, {{"trace_id", "x"}}));
  // To read its few bytes costs no more.
  EXPECT_FALSE(asks({.name = "detected_level", .any_of = {"x"}}, kStream));
  EXPECT_TRUE(MayHave(block, "detected_level", {"absent"}));
}

TEST(ValueFilterTest, WithoutRoomThereIsNone) {
  const std::vector<uint64_t> hashes(1000, 1);
  EXPECT_EQ(EncodeValueFilter(hashes, 1 << 20).size(), 1256u);
  EXPECT_EQ(EncodeValueFilter(hashes, 807).size(), 800u);
  EXPECT_TRUE(EncodeValueFilter(hashes, 400).empty());
  EXPECT_TRUE(EncodeValueFilter({}, 1 << 20).empty());
}

TEST(ValueFilterTest, WhatIsNoFilterRulesOutNothing) {
  for (const size_t size : {0, 1, 7, 9, 4095}) {
    EXPECT_TRUE(MayHaveValue(std::string(size, '\0'), HashValue("a", "b"))) << size;
  }
  EXPECT_FALSE(MayHaveValue(std::string(8, '\0'), HashValue("a", "b")));
}

// As FORMAT.md has it.
TEST(ValueFilterTest, IsStoredAsItWasOnceReleased) {
  const std::string filter = EncodeValueFilter(std::vector{HashValue("id", "4bf92f3577")}, 8);
  std::string hex;
  for (const char byte : filter) {
    constexpr char kDigits[] = "0123456789abcdef";
    hex += {kDigits[static_cast<uint8_t>(byte) >> 4], kDigits[byte & 15]};
  }
  EXPECT_EQ(hex, "0008200001000104");
}

}  // namespace
}  // namespace skald::chunkstore
