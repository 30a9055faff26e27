#include "common/quote.h"

#include <gtest/gtest.h>

#include <random>

#include "common/unquote.h"
#include "support/matchers.h"

namespace skald {
namespace {

using test::HasMessage;
using test::IsOk;

TEST(QuoteTest, QuotesAsGoDoes) {
  struct Row {
    std::string text;
    std::string quoted;
  };
  const std::vector<Row> rows = {
      {"", R"("")"},
      {"plain", R"("plain")"},
      {"a\"b\\c'd`", R"("a\"b\\c'd`")"},
      {"\a\b\f\n\r\t\v", R"("\a\b\f\n\r\t\v")"},
      {std::string("\0\x1f\x7f", 3), R"("\x00\x1f\x7f")"},
      {"\u00e9\u4e2d\U0001f600", "\"\u00e9\u4e2d\U0001f600\""},
      {"\u00a0\u200b\ufeff", R"("\u00a0\u200b\ufeff")"},
      {"\U000e0001", R"("\U000e0001")"},
      {"a\xffz", R"("a\xffz")"},
      {"\ufffd", "\"\ufffd\""},
  };
  for (const Row& row : rows) EXPECT_EQ(GoQuote(row.text), row.quoted);
}

TEST(QuoteTest, UnquoteUndoesQuote) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (size_t left = random() % 12; left > 0; --left) {
      text.push_back(static_cast<char>(random() % 3 == 0 ? random() : ' ' + random() % 95));
    }
    const auto unquoted = GoUnquote(GoQuote(text));
    ASSERT_THAT(unquoted, IsOk()) << GoQuote(text);
    ASSERT_EQ(*unquoted, text);
  }
}

TEST(UnquoteTest, ReadsEveryKindOfLiteral) {
  struct Row {
    std::string literal;
    std::string text;
  };
  const std::vector<Row> rows = {
      {R"("a\x41\101\u00e9\U0001F600")", "aAA\u00e9\U0001f600"},
      {R"('it''s')", "?"},
      {R"('it\'s "x"')", "it's \"x\""},
      {"`raw \\n \"x\"\r`", "raw \\n \"x\""},
      {"`two\nlines`", "two\nlines"},
      {R"("\xff")", "\xff"},
  };
  for (const Row& row : rows) {
    const auto text = GoUnquote(row.literal);
    if (row.text == "?") {
      EXPECT_THAT(text, HasMessage("invalid syntax")) << row.literal;
    } else {
      ASSERT_THAT(text, IsOk()) << row.literal;
      EXPECT_EQ(*text, row.text);
    }
  }
}

TEST(UnquoteTest, RefusesWhatGoRefuses) {
  for (const char* literal :
       {"", "\"", "abc", "\"a'", R"("\'")", R"('\"')", R"("\q")", R"("\x4")", R"("\400")",
        R"("\ud800")", R"("\U00110000")", R"("\")", "\"a\nb\"", "\"a\"b\"", "`a`b`", R"("\08")"}) {
    EXPECT_THAT(GoUnquote(literal), HasMessage("invalid syntax")) << literal;
  }
}

}  // namespace
}  // namespace skald
