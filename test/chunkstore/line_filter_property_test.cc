#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chunkstore/format/block_filters.h"
#include "chunkstore/format/block_sealer.h"
#include "chunkstore/format/line_filter.h"
#include "chunkstore/format/literal_probe.h"
#include "chunkstore/sealed_filters.h"
#include "chunkstore/sentences.h"
#include "chunkstore/test_entries.h"
#include "support/case_count.h"

namespace skald::chunkstore {
namespace {

using test::Sentence;

// As a query that ignores case may ask for it.
std::string CaseFolded(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const auto& [from, to] : {std::pair("\xe2\x84\xaa", "k"), std::pair("\xc5\xbf", "s")}) {
    const std::string_view letter = from;
    for (size_t at; (at = text.find(letter)) != std::string::npos;) {
      text.replace(at, letter.size(), to);
    }
  }
  return text;
}

// Ids such as lines hold, some of them with parts of each other.
std::string Id(test::EntryGenerator& generate) {
  std::string id = generate.Hex(8 + generate.Below(60));
  if (generate.Below(3) == 0) id.insert(generate.Below(id.size()), 1, "-.g:"[generate.Below(4)]);
  if (generate.Below(4) == 0) id = "checkout-" + id;
  // Equal to k and s without regard to case.
  if (generate.Below(8) == 0) id += "\xe2\x84\xaa" + generate.Hex(20) + "\xc5\xbf";
  return id;
}

SealedBlock Seal(const std::vector<std::string>& lines, Codec codec) {
  model::EntryBlockBuilder builder;
  for (size_t i = 0; i < lines.size(); ++i) {
    builder.Append(static_cast<int64_t>(i), i + 1, lines[i], {});
  }
  SealedBlock block = test::SealOne(builder.Finish(), codec);
  EXPECT_LE(block.filters.size(), block.data.size() / 10);
  return block;
}

bool FilterPasses(const SealedBlock& block, const std::vector<model::RequiredLiteral>& literals) {
  return LiteralProbe(literals).MayMatch(FindFilters(block.header, block.filters)->lines);
}

// What is read first of the block's filter for these literals.
LineFilter FirstOf(const SealedBlock& block, const LiteralProbe& probe) {
  return FindFilters(block.header, block.filters, {.lines = probe.FirstParts()})->lines;
}

// The filter of a pack of the block alone, however small.
test::FilterOfPack PackOf(const SealedBlock& block, uint32_t stream_group) {
  PackFilterBuilder builder;
  builder.Add(block, stream_group);
  return test::FilterOfPack(builder.Finish(1 << 20));
}

// Whether the filter rules out words that no line here has.
bool TellsOfWords(const PackFilter& filter) {
  return std::ranges::none_of(WordKeysOf("zqxv_jwqz"),
                              [&](uint32_t key) { return filter.MayHaveWord(key); });
}

// A filter may pass what is absent, and never deny what is there: any run of bytes of any line,
// whether it begins and ends with a character or within one, with and without regard to case.
TEST(LineFilterPropertyTest, NeverDeniesWhatAStoredBlockOrItsPackHolds) {
  constexpr uint64_t kSeed = 20261128;
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  constexpr int kPartsOfALine = 40;
  test::EntryGenerator generate(kSeed);
  const int cases = test::CaseCount(200'000);
  int checked = 0;
  int rounds = 0;
  int with_filter = 0;
  int in_parts = 0;
  int limited = 0;
  int words_limited = 0;
  for (; checked < cases; ++rounds) {
    const bool large = generate.Below(8) == 0;  // Of these the filter is in parts.
    std::vector<std::string> lines((large ? 1000 : 20) + generate.Below(100));
    for (std::string& line : lines) {
      const uint64_t kind = generate.Below(4);
      line = kind == 0 ? Sentence(generate) : generate.Line();
      if (kind == 1) line += Sentence(generate);
      if (kind == 2) line += " id=" + Id(generate);
    }
    const Codec codec = generate.Below(2) == 0 ? Codec::kLz4 : Codec::kZstd;
    const SealedBlock block = Seal(lines, codec);
    const LineFilter filter = FindFilters(block.header, block.filters)->lines;
    ASSERT_EQ(block.terms.known, codec == Codec::kZstd);
    const auto group = static_cast<uint32_t>(generate.Below(kStreamGroups));
    const test::FilterOfPack pack = PackOf(Seal(lines, Codec::kZstd), group);
    ASSERT_NE(pack.filter().id_regions(), nullptr);
    ASSERT_TRUE(TellsOfWords(pack.filter()));
    with_filter += filter.empty() ? 0 : 1;
    in_parts += block.header.HasLineFilterParts() ? 1 : 0;
    limited += filter.other_limit() < LineFilter::kNoLimit ? 1 : 0;
    words_limited += filter.word_limit() < LineFilter::kNoLimit ? 1 : 0;
    for (const std::string& line : lines) {
      for (int i = 0; i < (large ? 4 : kPartsOfALine); ++i, ++checked) {
        const std::string part = line.substr(generate.Below(line.size()), 1 + generate.Below(60));
        const bool fold = generate.Below(2) == 0;
        const std::vector<model::RequiredLiteral> literals = {
            {.any_of = {fold ? CaseFolded(part) : part}, .fold_case = fold}};
        const StreamGroups groups = pack.MayMatch(PackProbe(literals));
        const LiteralProbe probe(literals);
        ASSERT_TRUE(probe.MayMatch(filter) && probe.MayMatch(FirstOf(block, probe)) &&
                    (groups >> group & 1) != 0)
            << part << "\nin " << line << "\nround " << rounds;
      }
    }
  }
  EXPECT_GT(with_filter, rounds / 2);
  EXPECT_GT(in_parts, rounds / 16);
  EXPECT_GT(limited, rounds / 4);
  EXPECT_GT(words_limited, rounds / 10);
  std::cout << checked << " cases\n";
}

TEST(LineFilterPropertyTest, TellsBlocksAndPacksApartByAWordInsideAJapaneseSentence) {
  test::EntryGenerator generate(7);
  constexpr int kBlocks = 50;
  const std::vector<model::RequiredLiteral> plain = {{.any_of = {"決済障害"}, .fold_case = false}};
  const std::vector<model::RequiredLiteral> folded = {{.any_of = {"決済障害"}, .fold_case = true}};
  constexpr uint32_t kGroup = 5;
  int passed = 0;
  int packs_passed = 0;
  for (int block = 0; block < kBlocks; ++block) {
    std::vector<std::string> lines(400);
    for (std::string& line : lines) line = Sentence(generate);
    passed += FilterPasses(Seal(lines, Codec::kLz4), plain) ? 1 : 0;
    const test::FilterOfPack without = PackOf(Seal(lines, Codec::kZstd), kGroup);
    packs_passed += without.MayMatch(PackProbe(plain)) != 0 ? 1 : 0;
    lines[200] = "昨夜の決済障害について報告します。";
    const SealedBlock with = Seal(lines, Codec::kLz4);
    ASSERT_FALSE(with.filters.empty());
    const test::FilterOfPack pack_with = PackOf(Seal(lines, Codec::kZstd), kGroup);
    for (const auto& literals : {plain, folded}) {
      EXPECT_TRUE(FilterPasses(with, literals));
      EXPECT_NE(pack_with.MayMatch(PackProbe(literals)) >> kGroup & 1, 0u);
    }
  }
  EXPECT_LE(passed, 2);
  EXPECT_LE(packs_passed, 2);
}

}  // namespace
}  // namespace skald::chunkstore
