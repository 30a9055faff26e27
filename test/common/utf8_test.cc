#include "common/utf8.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace skald {
namespace {

TEST(Utf8Test, DecodesAsGoDoes) {
  struct Row {
    std::string text;
    uint32_t value;
    uint32_t length;
    bool valid;
  };
  const std::vector<Row> rows = {
      {"a", 'a', 1, true},
      {"\u00e9x", 0xe9, 2, true},
      {"\u20ac", 0x20ac, 3, true},
      {"\U0001f600", 0x1f600, 4, true},
      {"\xef\xbf\xbd", 0xfffd, 3, true},
      {"\x80", 0xfffd, 1, false},              // A continuation byte alone.
      {"\xc3", 0xfffd, 1, false},              // Cut short.
      {"\xc3(", 0xfffd, 1, false},             // Not continued.
      {"\xc0\x80", 0xfffd, 1, false},          // Overlong.
      {"\xe0\x80\x80", 0xfffd, 1, false},      // Overlong.
      {"\xed\xa0\x80", 0xfffd, 1, false},      // A surrogate.
      {"\xf4\x90\x80\x80", 0xfffd, 1, false},  // Past U+10FFFF.
      {"\xff", 0xfffd, 1, false},
  };
  for (const Row& row : rows) {
    const Rune rune = DecodeRune(row.text);
    EXPECT_EQ(rune.value, row.value) << testing::PrintToString(row.text);
    EXPECT_EQ(rune.length, row.length) << testing::PrintToString(row.text);
    EXPECT_EQ(rune.valid, row.valid) << testing::PrintToString(row.text);
  }
}

TEST(Utf8Test, EveryRuneComesBack) {
  for (uint32_t value = 0; value <= 0x10ffff; ++value) {
    if (value == 0xd800) value = 0xe000;
    std::string text;
    AppendRune(text, value);
    const Rune rune = DecodeRune(text);
    ASSERT_TRUE(rune.valid && rune.value == value && rune.length == text.size()) << value;
  }
}

TEST(Utf8Test, FindsTheFirstByteThatIsNotAscii) {
  for (size_t length = 0; length < 70; ++length) {
    std::string text(length, 'x');
    EXPECT_EQ(AsciiPrefix(text), length);
    EXPECT_EQ(AsciiPrefix(text + "\u00e9" + text), length);
  }
}

TEST(Utf8Test, RepairsByteByByte) {
  std::string out;
  AppendValidUtf8(out, "a\xffz\xe2\x82z\u20ac");
  EXPECT_EQ(out, "a\ufffdz\ufffd\ufffdz\u20ac");
  EXPECT_TRUE(IsValidUtf8(out));
  EXPECT_FALSE(IsValidUtf8("a\xff"));
}

TEST(Utf8Test, KnowsWhatGoPrints) {
  for (const uint32_t rune : {0x20u, 0x7eu, 0xe9u, 0x4e2du, 0x1f600u, 0x301u}) {
    EXPECT_TRUE(IsPrintable(rune)) << rune;
  }
  for (const uint32_t rune :
       {0x0u, 0x7fu, 0x85u, 0xa0u, 0xadu, 0x200bu, 0x2028u, 0xe000u, 0xfffeu, 0x10ffffu}) {
    EXPECT_FALSE(IsPrintable(rune)) << rune;
  }
}

}  // namespace
}  // namespace skald
