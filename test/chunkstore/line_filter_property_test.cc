#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chunkstore/format/block_sealer.h"
#include "chunkstore/format/literal_probe.h"
#include "chunkstore/sealed_filters.h"
#include "chunkstore/test_entries.h"
#include "support/case_count.h"

namespace skald::chunkstore {
namespace {

// Words of scripts that put no spaces between them.
constexpr std::string_view kWords[] = {
    "接続",   "が",           "拒否",   "されました", "サーバー", "データベース", "へ",
    "の",     "タイムアウト", "再試",   "行",         "注文",     "番号",         "支払い",
    "エラー", "连接",         "数据库", "超时错误",   "请求",     "을",           "서버",
    "연결",   "ข้อผิดพลาด",     "の後に", "ｻｰﾊﾞｰ"};

std::string Sentence(test::EntryGenerator& generate) {
  std::string out;
  const uint64_t words = 3 + generate.Below(14);
  for (uint64_t i = 0; i < words; ++i) {
    out += generate.Below(9) == 0 ? std::to_string(generate.Below(1'000'000))
                                  : std::string(kWords[generate.Below(std::size(kWords))]);
  }
  return out + "。";
}

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

std::string StoredFilter(const std::vector<std::string>& lines, Codec codec) {
  return Seal(lines, codec).filters;
}

// The filter of a pack of the block alone, however small.
test::FilterOfPack PackOf(const SealedBlock& block, uint32_t stream_group) {
  PackFilterBuilder builder;
  builder.Add(block, stream_group);
  return test::FilterOfPack(builder.Finish(1 << 20));
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
  for (; checked < cases; ++rounds) {
    std::vector<std::string> lines(20 + generate.Below(100));
    for (std::string& line : lines) {
      const uint64_t kind = generate.Below(4);
      line = kind == 0 ? Sentence(generate) : generate.Line();
      if (kind == 1) line += Sentence(generate);
      if (kind == 2) line += " id=" + Id(generate);
    }
    const Codec codec = generate.Below(2) == 0 ? Codec::kLz4 : Codec::kZstd;
    const SealedBlock block = Seal(lines, codec);
    const std::string& filter = block.filters;
    ASSERT_EQ(block.terms.known, codec == Codec::kZstd);
    const auto group = static_cast<uint32_t>(generate.Below(kStreamGroups));
    const test::FilterOfPack pack = PackOf(Seal(lines, Codec::kZstd), group);
    ASSERT_NE(pack.filter().id_regions(), nullptr);
    with_filter += filter.empty() ? 0 : 1;
    for (const std::string& line : lines) {
      for (int i = 0; i < kPartsOfALine; ++i, ++checked) {
        const std::string part = line.substr(generate.Below(line.size()), 1 + generate.Below(60));
        const bool fold = generate.Below(2) == 0;
        const std::vector<model::RequiredLiteral> literals = {
            {.any_of = {fold ? CaseFolded(part) : part}, .fold_case = fold}};
        const StreamGroups groups = pack.MayMatch(PackProbe(literals));
        ASSERT_TRUE(LiteralProbe(literals).MayMatch(filter) && (groups >> group & 1) != 0)
            << part << "\nin " << line << "\nround " << rounds;
      }
    }
  }
  EXPECT_GT(with_filter, rounds / 2);
  RecordProperty("cases", checked);
}

TEST(LineFilterPropertyTest, TellsBlocksApartByAWordInsideAJapaneseSentence) {
  test::EntryGenerator generate(7);
  constexpr int kBlocks = 50;
  const LiteralProbe present({{.any_of = {"決済障害"}, .fold_case = false}});
  const LiteralProbe folded({{.any_of = {"決済障害"}, .fold_case = true}});
  int passed = 0;
  for (int block = 0; block < kBlocks; ++block) {
    std::vector<std::string> lines(400);
    for (std::string& line : lines) line = Sentence(generate);
    if (const std::string without = StoredFilter(lines, Codec::kLz4); present.MayMatch(without)) {
      ++passed;
    }
    lines[200] = "昨夜の決済障害について報告します。";
    const std::string with = StoredFilter(lines, Codec::kLz4);
    ASSERT_FALSE(with.empty());
    EXPECT_TRUE(present.MayMatch(with));
    EXPECT_TRUE(folded.MayMatch(with));
  }
  EXPECT_LE(passed, 2);
}

}  // namespace
}  // namespace skald::chunkstore
