#include "chunkstore/format/line_filter_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cctype>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/format/line_filter.h"
#include "chunkstore/format/literal_probe.h"
#include "chunkstore/format/lz4_packer.h"
#include "chunkstore/test_entries.h"

namespace skald::chunkstore {
namespace {

constexpr size_t kPlenty = 1 << 20;

std::string FilterOf(const std::vector<std::string>& lines, size_t max_bytes = kPlenty) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  LineFilterBuilder builder;
  builder.Add(text);
  return builder.Finish(max_bytes);
}

LineFilter Read(std::string_view stored) {
  return LineFilter::Decode(FilterKind::kLineGrams, stored);
}

LiteralProbe Probe(std::string literal, bool fold_case = false) {
  return LiteralProbe({{.any_of = {std::move(literal)}, .fold_case = fold_case}});
}

std::string Upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

std::string Lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

// The one thing a filter must never do is to deny what is there.
TEST(LineFilterIndexTest, NeverDeniesASubstringOfALine) {
  const uint64_t seed = 20231114;
  SCOPED_TRACE("seed " + std::to_string(seed));
  test::EntryGenerator generate(seed);
  size_t checked = 0;
  for (int round = 0; round < 150; ++round) {
    std::vector<std::string> lines(1 + generate.Below(60));
    for (std::string& line : lines) line = generate.Line();
    const size_t max_bytes = 64 + generate.Below(8192);
    const std::string filter = FilterOf(lines, max_bytes);
    ASSERT_LE(filter.size(), max_bytes);
    for (const std::string& line : lines) {
      for (int i = 0; i < 200; ++i, ++checked) {
        const size_t at = generate.Below(line.size());
        const std::string part = line.substr(at, 1 + generate.Below(24));
        ASSERT_TRUE(Probe(part).MayMatch(Read(filter))) << part << "\nin " << line;
        ASSERT_TRUE(Probe(Lower(part), true).MayMatch(Read(filter))) << part << "\nin " << line;
      }
    }
  }
  EXPECT_GT(checked, 500'000u);
}

TEST(LineFilterIndexTest, NeverDeniesASubstringOfRandomBytes) {
  test::EntryGenerator generate(3);
  for (int round = 0; round < 200; ++round) {
    std::string line;
    for (uint64_t i = 0; i < 20 + generate.Below(400); ++i) {
      line.push_back(static_cast<char>(generate.Below(generate.Below(2) == 0 ? 256 : 64)));
    }
    const std::string filter = FilterOf({line});
    for (size_t at = 0; at < line.size(); ++at) {
      const std::string part = line.substr(at, 1 + generate.Below(16));
      ASSERT_TRUE(Probe(part).MayMatch(Read(filter))) << "round " << round << " at " << at;
    }
  }
}

TEST(LineFilterIndexTest, WhatLz4CopiesIsInTheFilterAllTheSame) {
  test::EntryGenerator generate(8);
  Lz4Packer packer;
  for (int round = 0; round < 400; ++round) {
    std::string text;
    while (text.size() < 40 + generate.Below(40'000)) {
      const uint64_t kind = generate.Below(8);
      if (kind == 0)
        text += std::string(generate.Below(900), static_cast<char>(generate.Below(256)));
      if (kind == 1) text += text.substr(generate.Below(text.size() + 1), generate.Below(2000));
      if (kind == 2)
        text +=
            "10.0.0.1:80 Ta\xc5\xbf"
            "e\n1234567";
      if (kind > 2) text += generate.Line() + "\n";
    }
    std::vector<uint64_t> copied;
    packer.Pack(text, copied);
    LineFilterBuilder builder;
    builder.Add(text);
    const std::string whole = builder.Finish(kPlenty);
    builder.AddUncopied(text, copied);
    ASSERT_EQ(builder.Finish(kPlenty), whole) << "round " << round;
  }
}

TEST(LineFilterIndexTest, IgnoringCaseFindsWhatRegexesFold) {
  // With a long s (U+017F) and a Kelvin sign (U+212A), which equal s and k.
  const std::string filter =
      FilterOf({"Taſſe \u212Aelvin PA\u212Aet", "ОШИБКА: Соединение", "超时错误STRASSE"});
  for (const char* literal : {"tasse", "kelvin", "paket", "taſſe \u212Aelvin", "ошибка",
                              "соединение", "超时错误strasse", "时错误str"}) {
    EXPECT_TRUE(Probe(literal, true).MayMatch(Read(filter))) << literal;
  }
  EXPECT_FALSE(Probe("超时错误strand", true).MayMatch(Read(filter)));
}

TEST(LineFilterIndexTest, DeniesWhatIsAbsent) {
  std::vector<std::string> lines;
  test::EntryGenerator generate(11);
  for (int i = 0; i < 500; ++i) lines.push_back(generate.Line());
  const std::string filter = FilterOf(lines);
  for (const char* literal : {"EXHAUSTED", "deadbeef00c0ffee", "192.168.44.12", "数据库连接失败"}) {
    EXPECT_FALSE(Probe(literal).MayMatch(Read(filter))) << literal;
  }
}

TEST(LineFilterIndexTest, AtTenPercentOfABlockAnAbsentIdPassesInUnderTwoPercentOfBlocks) {
  test::EntryGenerator generate(5);
  size_t passed = 0;
  constexpr size_t kBlocks = 20;
  constexpr size_t kIds = 50;
  for (size_t block = 0; block < kBlocks; ++block) {
    std::vector<std::string> lines;
    for (int i = 0; i < 4000; ++i) lines.push_back(generate.Line());
    // Such lines compress to about a third.
    const std::string filter = FilterOf(lines, lines.size() * lines[0].size() / 30);
    for (size_t i = 0; i < kIds; ++i) passed += Probe(generate.Hex(16)).MayMatch(Read(filter));
  }
  EXPECT_LE(passed, kBlocks * kIds / 50);
}

TEST(LineFilterIndexTest, AllLiteralsMustHoldAndOfEachOneAlternative) {
  const std::string filter = FilterOf({"payment accepted", "order shipped"});
  const LiteralProbe one_of({{.any_of = {"cancelled", "shipped"}}});
  EXPECT_TRUE(one_of.MayMatch(Read(filter)));
  const LiteralProbe both({{.any_of = {"payment"}}, {.any_of = {"cancelled", "refunded"}}});
  EXPECT_FALSE(both.MayMatch(Read(filter)));
}

TEST(LineFilterIndexTest, LiteralsTooShortForAGramRuleOutNothing) {
  EXPECT_FALSE(Probe("abc").selective());
  EXPECT_FALSE(Probe("12345").selective());
  EXPECT_FALSE(LiteralProbe({{.any_of = {"long enough", "no"}}}).selective());
  EXPECT_FALSE(LiteralProbe({}).selective());
  EXPECT_TRUE(Probe("123456").selective());
  EXPECT_TRUE(LiteralProbe({{.any_of = {"no"}}, {.any_of = {"long enough"}}}).selective());
}

TEST(LineFilterIndexTest, GramsDoNotCrossLines) {
  const std::string filter = FilterOf({"abcdxy", "zwefgh"});
  EXPECT_TRUE(Probe("dxy\nzwe").MayMatch(Read(filter)));
  EXPECT_FALSE(Probe("cdxyzw").MayMatch(Read(filter)));
}

TEST(LineFilterIndexTest, ATextIsReadTheSameAtAnyPlaceInSteps) {
  const std::string word = "Needle-0123456789abcdef.in haystack";
  for (size_t before = 0; before < 140; ++before) {
    const std::string filter = FilterOf({std::string(before, '~') + word});
    ASSERT_TRUE(Probe(Lower(word), true).MayMatch(Read(filter))) << before;
    ASSERT_TRUE(Probe(word).MayMatch(Read(filter))) << before;
    ASSERT_FALSE(Probe(Upper(word) + "?").MayMatch(Read(filter))) << before;
  }
}

// Lines of ids: so many grams that a filter of kSmall has bits for a third of them.
constexpr size_t kSmall = 3000;
std::vector<std::string> LinesOfIds() {
  test::EntryGenerator generate(17);
  std::vector<std::string> lines(3000);
  for (std::string& line : lines) line = "trace_id=" + generate.Hex(32);
  return lines;
}

TEST(LineFilterIndexTest, WhereGramsAreMoreThanBitsThoseOfAHighHashPass) {
  const std::vector<std::string> lines = LinesOfIds();
  const std::string stored = FilterOf(lines, kSmall);
  const LineFilter filter = Read(stored);
  ASSERT_GT(filter.other_limit(), LineFilter::kNoLimit / 5);
  ASSERT_LT(filter.other_limit(), LineFilter::kNoLimit / 2);
  for (const std::string& line : lines) ASSERT_TRUE(Probe(line).MayMatch(filter)) << line;
  test::EntryGenerator generate(18);
  size_t low = 0;
  size_t denied = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string gram = generate.Hex(kNumberGram);
    uint64_t bytes = 0;
    std::memcpy(&bytes, gram.data(), gram.size());
    const bool passes = Probe(gram).MayMatch(filter);
    if (HashGram(bytes) >= filter.other_limit()) {
      ASSERT_TRUE(passes) << gram;
    } else {
      ++low;
      denied += passes ? 0 : 1;
    }
  }
  // Some of them are there; with a gram a bit 37 % of the bits are zero.
  EXPECT_GT(denied, low / 4);
}

TEST(LineFilterIndexTest, WhatIsLeftOutIsWhatMakesIdsPassLeast) {
  const std::vector<std::string> lines = LinesOfIds();
  const std::string stored = FilterOf(lines, kSmall);
  const auto share_denied = [](const LineFilter& filter) {
    const double bits = 8.0 * static_cast<double>(filter.bitmap_bytes());
    const double empty = 1 - static_cast<double>(filter.bits_set()) / bits;
    return empty * filter.other_limit() / LineFilter::kNoLimit;
  };
  // 1 / e of the bits are empty, and as large a share is kept as there are bits to grams.
  EXPECT_GT(share_denied(Read(stored)), 0.10);
  test::EntryGenerator generate(19);
  size_t passed = 0;
  for (int i = 0; i < 1000; ++i) passed += Probe(generate.Hex(32)).MayMatch(Read(stored)) ? 1 : 0;
  EXPECT_LT(passed, 60u);  // Of 1,000; 600 would if nothing were left out.
}

TEST(LineFilterIndexTest, WordsAreNotLeftOutForIds) {
  const std::string stored = FilterOf(LinesOfIds(), kSmall);
  EXPECT_EQ(Read(stored).word_limit(), LineFilter::kNoLimit);
  EXPECT_TRUE(Probe("trace_id").MayMatch(Read(stored)));
  size_t passed = 0;
  for (const char* word : {"zookeeper", "kubernetes", "terminated", "certificate", "unreachable",
                           "throttled", "outofmemory", "segmentation"}) {
    passed += Probe(word).MayMatch(Read(stored)) ? 1 : 0;
  }
  EXPECT_LE(passed, 2u);
}

std::vector<std::string> LinesOfLetters() {
  test::EntryGenerator generate(20);
  std::vector<std::string> lines(2000);
  for (std::string& line : lines) {
    for (int i = 0; i < 20; ++i) line.push_back(static_cast<char>('a' + generate.Below(26)));
  }
  return lines;
}

TEST(LineFilterIndexTest, ManyWordsAreLeftOutAsOthersAre) {
  const std::vector<std::string> lines = LinesOfLetters();
  const std::string stored = FilterOf(lines, kSmall);
  const LineFilter filter = Read(stored);
  EXPECT_LT(filter.word_limit(), LineFilter::kNoLimit);
  EXPECT_EQ(filter.word_limit(), filter.other_limit());
  for (const std::string& line : lines) ASSERT_TRUE(Probe(line).MayMatch(filter)) << line;
}

// Of these it is not known which grams are of words.
TEST(LineFilterIndexTest, WordsAmongWhatLz4CopiesAreLeftOutAsOthersAre) {
  std::string text;
  for (const std::string& line : LinesOfIds()) text += line + "\n";
  std::vector<uint64_t> copied;
  Lz4Packer packer;
  packer.Pack(text, copied);
  LineFilterBuilder builder;
  builder.AddUncopied(text, copied);
  builder.Add("some words apart\n");
  const std::string stored = builder.Finish(kSmall);
  EXPECT_LT(Read(stored).word_limit(), LineFilter::kNoLimit);
  for (const char* literal : {"trace_id", "rds apa"}) {
    EXPECT_TRUE(Probe(literal).MayMatch(Read(stored))) << literal;
  }
  builder.Add(text);
  EXPECT_EQ(Read(builder.Finish(kSmall)).word_limit(), LineFilter::kNoLimit);
}

TEST(LineFilterIndexTest, AFilterThatWouldTellOfHardlyAnyGramIsLeftOut) {
  EXPECT_EQ(FilterOf(LinesOfLetters(), 64), "");
  EXPECT_NE(FilterOf(LinesOfLetters(), 640), "");
  EXPECT_EQ(FilterOf(LinesOfLetters(), 15), "");
  EXPECT_EQ(FilterOf({"trace_id=4bf92f3577b34da6"}, 15), "");
  EXPECT_NE(FilterOf({"trace_id=4bf92f3577b34da6"}, 16), "");
  EXPECT_EQ(FilterOf({"a", "b"}), "");
}

TEST(LineFilterIndexTest, ReadsTheExampleOfFormatMd) {
  std::string stored;
  for (const int byte : {0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x03, 0x00,  //
                         0x00, 0x00, 0x01, 0x04, 0x00, 0x00, 0x08, 0x00}) {
    stored.push_back(static_cast<char>(byte));
  }
  EXPECT_TRUE(Probe("took 7ms").MayMatch(Read(stored)));
  EXPECT_TRUE(Probe("ok 7").MayMatch(Read(stored)));
  EXPECT_FALSE(Probe("look 7ms").MayMatch(Read(stored)));
  const std::string_view bits = std::string_view(stored).substr(LineFilter::kLimitsBytes);
  EXPECT_EQ(EncodeLineFilter(bits, LineFilter::kNoLimit, 0x30000), stored);
}

// Every gram is told of as in one piece, and without a part those of it may all be there.
TEST(LineFilterIndexTest, PartsTellTogetherWhatTheFilterTells) {
  const std::string stored = FilterOf(LinesOfIds(), kMinPartedBytes + 100);
  const std::vector<StoredFilter> parts = CutLineFilter(stored);
  ASSERT_EQ(parts.size(), kLineFilterParts);
  const LineFilter whole = Read(stored);
  ASSERT_LT(whole.other_limit(), LineFilter::kNoLimit);
  LineFilter joined;
  size_t bytes = 0;
  for (size_t known = 0; known <= parts.size(); ++known) {
    size_t denied = 0;
    for (uint32_t hash = 0; hash < LineFilter::kNoLimit; ++hash) {
      const Gram gram{.hash = hash, .of_word = hash % 3 == 0};
      const bool may_have = LineFilterPartOf(hash) >= known || whole.MayHave(gram);
      ASSERT_EQ(joined.MayHave(gram), may_have) << hash << " of " << known << " parts";
      denied += may_have ? 0 : 1;
    }
    EXPECT_GE(denied, known * LineFilter::kNoLimit / 40);
    if (known == parts.size()) break;
    EXPECT_EQ(parts[known].kind, LineGramsPart(known));
    joined.Add(LineFilter::Decode(parts[known].kind, parts[known].bytes));
    bytes += parts[known].bytes.size();
  }
  EXPECT_LE(bytes, kMinPartedBytes + 100);
  EXPECT_EQ(joined.bits_set(), whole.bits_set());
}

TEST(LineFilterIndexTest, ASmallFilterIsNotCut) {
  const std::string stored = FilterOf(LinesOfIds(), kMinPartedBytes - 1);
  const std::vector<StoredFilter> parts = CutLineFilter(stored);
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].kind, FilterKind::kLineGrams);
  EXPECT_EQ(parts[0].bytes, stored);
}

TEST(LineFilterIndexTest, PartsAndAFilterInOnePieceDoNotMix) {
  const std::string stored = FilterOf({"payment accepted"});
  const std::string zeros =
      EncodeLineFilter(std::string(8, '\0'), LineFilter::kNoLimit, LineFilter::kNoLimit);
  LineFilter whole = Read(stored);
  LineFilter parts;
  for (size_t part = 0; part < kLineFilterParts; ++part) {
    whole.Add(LineFilter::Decode(LineGramsPart(part), zeros));
    parts.Add(LineFilter::Decode(LineGramsPart(part), zeros));
  }
  EXPECT_TRUE(Probe("payment").MayMatch(whole));
  EXPECT_FALSE(Probe("cancelled").MayMatch(whole));
  parts.Add(Read(stored));
  EXPECT_FALSE(Probe("payment").MayMatch(parts)) << "no part has it";
}

TEST(LineFilterIndexTest, AFilterOfBeforeHasNoLimits) {
  const std::string stored = FilterOf({"payment accepted"});
  const std::string bitmap = stored.substr(LineFilter::kLimitsBytes);
  const LineFilter filter = LineFilter::Decode(FilterKind::kAllLineGrams, bitmap);
  EXPECT_EQ(filter.word_limit(), LineFilter::kNoLimit);
  EXPECT_EQ(filter.other_limit(), LineFilter::kNoLimit);
  EXPECT_TRUE(Probe("payment").MayMatch(filter));
  EXPECT_FALSE(Probe("cancelled").MayMatch(filter));
}

TEST(LineFilterIndexTest, OddBytesRuleOutNothing) {
  const LiteralProbe probe = Probe("something");
  for (const size_t size : {0u, 1u, 7u, 8u, 9u, 15u, 17u}) {
    std::string bytes =
        EncodeLineFilter(std::string(16, '\0'), LineFilter::kNoLimit, LineFilter::kNoLimit);
    bytes.resize(size);
    EXPECT_TRUE(probe.MayMatch(Read(bytes))) << size;
    if (size == 8) continue;
    EXPECT_TRUE(probe.MayMatch(LineFilter::Decode(FilterKind::kAllLineGrams, bytes))) << size;
  }
  const std::string zeros(16, '\0');
  EXPECT_TRUE(probe.MayMatch(LineFilter::Decode(FilterKind::kMetadataValues, zeros)));
  EXPECT_TRUE(probe.MayMatch(LineFilter::Decode(static_cast<FilterKind>(9), zeros)));
}

TEST(LineFilterIndexTest, FinishBeginsAnew) {
  LineFilterBuilder builder;
  builder.Add("first block\n");
  const std::string first = builder.Finish(kPlenty);
  builder.Add("second one\n");
  const std::string second = builder.Finish(kPlenty);
  EXPECT_FALSE(Probe("first block").MayMatch(Read(second)));
  EXPECT_TRUE(Probe("second one").MayMatch(Read(second)));
}

}  // namespace
}  // namespace skald::chunkstore
