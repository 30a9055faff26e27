#include "chunkstore/format/line_filter_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

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
        ASSERT_TRUE(Probe(part).MayMatch(filter)) << part << "\nin " << line;
        ASSERT_TRUE(Probe(Lower(part), true).MayMatch(filter)) << part << "\nin " << line;
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
      ASSERT_TRUE(Probe(part).MayMatch(filter)) << "round " << round << " at " << at;
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
    EXPECT_TRUE(Probe(literal, true).MayMatch(filter)) << literal;
  }
  EXPECT_FALSE(Probe("超时错误strand", true).MayMatch(filter));
}

TEST(LineFilterIndexTest, DeniesWhatIsAbsent) {
  std::vector<std::string> lines;
  test::EntryGenerator generate(11);
  for (int i = 0; i < 500; ++i) lines.push_back(generate.Line());
  const std::string filter = FilterOf(lines);
  for (const char* literal : {"EXHAUSTED", "deadbeef00c0ffee", "192.168.44.12", "数据库连接失败"}) {
    EXPECT_FALSE(Probe(literal).MayMatch(filter)) << literal;
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
    for (size_t i = 0; i < kIds; ++i) passed += Probe(generate.Hex(16)).MayMatch(filter);
  }
  EXPECT_LE(passed, kBlocks * kIds / 50);
}

TEST(LineFilterIndexTest, AllLiteralsMustHoldAndOfEachOneAlternative) {
  const std::string filter = FilterOf({"payment accepted", "order shipped"});
  const LiteralProbe one_of({{.any_of = {"cancelled", "shipped"}}});
  EXPECT_TRUE(one_of.MayMatch(filter));
  const LiteralProbe both({{.any_of = {"payment"}}, {.any_of = {"cancelled", "refunded"}}});
  EXPECT_FALSE(both.MayMatch(filter));
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
  EXPECT_TRUE(Probe("dxy\nzwe").MayMatch(filter));
  EXPECT_FALSE(Probe("cdxyzw").MayMatch(filter));
}

TEST(LineFilterIndexTest, ATextIsReadTheSameAtAnyPlaceInSteps) {
  const std::string word = "Needle-0123456789abcdef.in haystack";
  for (size_t before = 0; before < 140; ++before) {
    const std::string filter = FilterOf({std::string(before, '~') + word});
    ASSERT_TRUE(Probe(Lower(word), true).MayMatch(filter)) << before;
    ASSERT_TRUE(Probe(word).MayMatch(filter)) << before;
    ASSERT_FALSE(Probe(Upper(word) + "?").MayMatch(filter)) << before;
  }
}

TEST(LineFilterIndexTest, AFilterThatWouldBeFullIsLeftOut) {
  test::EntryGenerator generate(1);
  std::vector<std::string> lines;
  for (int i = 0; i < 1000; ++i) lines.push_back(generate.Line());
  EXPECT_EQ(FilterOf(lines, 64), "");
  EXPECT_EQ(FilterOf({"a", "b"}), "");
}

TEST(LineFilterIndexTest, OddBytesRuleOutNothing) {
  EXPECT_TRUE(Probe("something").MayMatch(""));
  EXPECT_TRUE(Probe("something").MayMatch("1234567"));
}

TEST(LineFilterIndexTest, FinishBeginsAnew) {
  LineFilterBuilder builder;
  builder.Add("first block\n");
  const std::string first = builder.Finish(kPlenty);
  builder.Add("second one\n");
  const std::string second = builder.Finish(kPlenty);
  EXPECT_FALSE(Probe("first block").MayMatch(second));
  EXPECT_TRUE(Probe("second one").MayMatch(second));
}

}  // namespace
}  // namespace skald::chunkstore
