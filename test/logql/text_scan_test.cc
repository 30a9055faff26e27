#include "logql/stages/text_scan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace skald::logql {
namespace {

// Long enough for two vectors and a rest.
constexpr size_t kLengths = 40;

TEST(TextScanTest, FindsQuotesAndBackslashesAtEveryPlace) {
  for (size_t length = 0; length < kLengths; ++length) {
    for (size_t at = 0; at <= length; ++at) {
      for (const char c : {'"', '\\'}) {
        std::string text(length, 'x');
        if (at < length) text[at] = c;
        bool ascii = true;
        const char* const end = text.data() + length;
        EXPECT_EQ(FindQuoteOrBackslash(text.data(), end, &ascii), text.data() + at);
        EXPECT_TRUE(ascii);
      }
    }
  }
}

TEST(TextScanTest, SaysWhetherAllBeforeTheHitIsAscii) {
  for (size_t odd = 0; odd < kLengths; ++odd) {
    for (size_t at = 0; at < kLengths; ++at) {
      if (at == odd) continue;
      std::string text(kLengths, 'x');
      text[odd] = '\xc3';
      text[at] = '"';
      bool ascii = true;
      FindQuoteOrBackslash(text.data(), text.data() + text.size(), &ascii);
      EXPECT_EQ(ascii, odd > at) << odd << " " << at;
    }
  }
}

TEST(TextScanTest, FindsDelimitersOfLogfmtAtEveryPlace) {
  for (size_t length = 0; length < kLengths; ++length) {
    for (size_t at = 0; at <= length; ++at) {
      for (const char c : {'=', '"', ' ', '\t', '\n', '\0', '\x1f'}) {
        std::string text(length, '\xff');
        if (at < length) text[at] = c;
        const char* const end = text.data() + length;
        EXPECT_EQ(FindLogfmtDelimiter(text.data(), end), text.data() + at);
      }
    }
  }
}

// Two letters make texts that begin like the one that is sought everywhere.
TEST(TextScanTest, FindsSeparatorsWhereTheStandardLibraryDoes) {
  std::mt19937 random(7);
  const auto letters = [&](size_t size) {
    std::string text;
    while (text.size() < size) text += random() % 3 == 0 ? 'b' : 'a';
    return text;
  };
  size_t found = 0;
  for (size_t i = 0; i < 40'000; ++i) {
    const std::string line = letters(random() % 70);
    const std::string text = letters(1 + i % 7);
    const std::vector<char> exact(line.begin(), line.end());  // Nothing may be read behind it.
    ASSERT_EQ(SeparatorText(text).FindIn({exact.data(), exact.size()}), line.find(text))
        << text << " in " << line;
    found += line.find(text) != line.npos;
  }
  EXPECT_GT(found, 10'000u);
  EXPECT_LT(found, 39'000u);
}

TEST(TextScanTest, FindsASeparatorAtEveryPlace) {
  for (const std::string separator : {"=", "\" ", "] \"", "a long separator of many bytes"}) {
    for (size_t at = 0; at < kLengths; ++at) {
      const std::string line = std::string(at, 'x') + separator + separator;
      EXPECT_EQ(SeparatorText(separator).FindIn(line), at);
      EXPECT_EQ(SeparatorText(separator).FindIn(std::string(at, 'x')), std::string::npos);
      EXPECT_EQ(SeparatorText(separator).FindIn(std::string(at, 'x') +
                                                separator.substr(0, separator.size() - 1)),
                std::string::npos);
    }
  }
}

TEST(TextScanTest, BlanksWhatIsNoUtf8) {
  const struct {
    const char* text;
    const char* blanked;
  } rows[] = {
      {"", ""},
      {"ascii", "ascii"},
      {"caf\xc3\xa9 \xf0\x9f\x98\x80", "caf\xc3\xa9 \xf0\x9f\x98\x80"},
      {"\xff", " "},
      {"a\xc3", "a "},
      {"\xc3\xa9\xc3", "\xc3\xa9 "},
      {"a\xe2\x82z", "a  z"},
      {"x\xef\xbf\xbdy", "x y"},  // U+FFFD itself.
      {"long enough for a vector of ascii, then \xff\xfe.",
       "long enough for a vector of ascii, then   ."},
  };
  for (const auto& row : rows) {
    TextArena arena;
    EXPECT_EQ(BlankInvalidUtf8(row.text, arena), row.blanked) << row.text;
  }
}

TEST(TextScanTest, ValidTextIsNotCopied) {
  TextArena arena;
  const std::string text = "caf\xc3\xa9";
  EXPECT_EQ(BlankInvalidUtf8(text, arena).data(), text.data());
}

TEST(TextScanTest, MakesNamesOfLabels) {
  const struct {
    const char* name;
    const char* first;  // As a name's beginning,
    const char* later;  // and behind a prefix.
  } rows[] = {
      {"level", "level", "level"},
      {"a.b-c d", "a_b_c_d", "a_b_c_d"},
      {"1st", "_1st", "1st"},
      {" \t trim\n", "trim", "trim"},
      {"", "", ""},
      {"  ", "", ""},
      {"caf\xc3\xa9", "caf_", "caf_"},
      {"\xff\xfe", "__", "__"},
      {"_", "_", "_"},
  };
  for (const auto& row : rows) {
    std::string first;
    AppendLabelName(first, row.name, true);
    EXPECT_EQ(first, row.first);
    std::string later = "a_";
    AppendLabelName(later, row.name, false);
    EXPECT_EQ(later, "a_" + std::string(row.later));
  }
}

TEST(TextScanTest, AnExpectedTextStandsWhereAllOfItIs) {
  for (const size_t size : {1, 3, 15, 16, 17, 30}) {
    const std::string text = std::string(size - 1, 'k') + ':';
    const ExpectedText expected(text);
    EXPECT_EQ(expected.size(), size);
    for (const std::string& line : {text, text + "value", text + std::string(40, 'v')}) {
      EXPECT_TRUE(expected.StandsAt(line.data(), line.data() + line.size())) << line;
      EXPECT_FALSE(expected.StandsAt(line.data(), line.data() + size - 1)) << line;
      for (size_t i = 0; i < size; ++i) {
        std::string other = line;
        other[i] = 'x';
        EXPECT_FALSE(expected.StandsAt(other.data(), other.data() + other.size())) << other;
      }
    }
  }
  const std::string any(20, 'x');
  EXPECT_FALSE(ExpectedText().StandsAt(any.data(), any.data() + any.size()));
}

TEST(TextScanTest, TextsAreTheSameIfAllOfTheirBytesAre) {
  for (size_t size = 0; size <= 40; ++size) {
    const std::string text(size, 'k');
    EXPECT_TRUE(SameText(text, std::string(size, 'k'))) << size;
    EXPECT_FALSE(SameText(text, text + 'k')) << size;
    for (size_t i = 0; i < size; ++i) {
      std::string other = text;
      other[i] = 'x';
      EXPECT_FALSE(SameText(text, other)) << size << ", " << i;
    }
  }
}

}  // namespace
}  // namespace skald::logql
