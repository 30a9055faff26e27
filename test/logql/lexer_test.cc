#include "logql/lexer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace skald::logql {
namespace {

// The tokens of `text` up to its end or error: names, with text or value where there is one.
std::string Tokens(std::string_view text) {
  Lexer lexer(text);
  std::string out;
  for (;;) {
    const Token token = lexer.Next();
    if (token.kind == TokenKind::kEnd) return out;
    if (!out.empty()) out += ' ';
    if (token.kind == TokenKind::kError) return out + "error:" + token.text;
    out += TokenName(token);
    if (token.kind == TokenKind::kIdentifier || token.kind == TokenKind::kString ||
        token.kind == TokenKind::kNumber) {
      out += ":" + token.text;
    }
    if (token.nanoseconds != 0) out += ":" + std::to_string(token.nanoseconds);
    if (token.bytes != 0) out += ":" + std::to_string(token.bytes);
  }
}

struct Row {
  std::string text;
  std::string tokens;
};

void ExpectTokens(const std::vector<Row>& rows) {
  for (const Row& row : rows) EXPECT_EQ(Tokens(row.text), row.tokens) << row.text;
}

TEST(LexerTest, TakesTheLongestOperator) {
  ExpectTokens({
      {"= == =~ != !~ !>", "= == =~ != !~ !>"},
      {"|=|~|>||", "|= |~ |> | |"},
      {"<=<>=>", "<= < >= >"},
      {"===~", "== =~"},
      {"{}(),.]", "{ } ( ) , . ]"},
      {"+-*/%^", "+ - * / % ^"},
      {"! ~", "IDENTIFIER IDENTIFIER"},
  });
}

TEST(LexerTest, SkipsBlanksAndComments) {
  ExpectTokens({
      {" \t\r\n", ""},
      {"# a\n x # b", "IDENTIFIER:x"},
      {"// a\n x // b", "IDENTIFIER:x"},
      {"/* a\n */ x /**/ y", "IDENTIFIER:x IDENTIFIER:y"},
      {"x / y /* no end", "IDENTIFIER:x / IDENTIFIER:y / * IDENTIFIER:no IDENTIFIER:end"},
      {"`#` `//` \"/* */\"", "STRING:# STRING:// STRING:/* */"},
  });
}

TEST(LexerTest, ReadsStrings) {
  ExpectTokens({
      {R"("a\"b\\\n")", "STRING:a\"b\\\n"},
      {R"("\x41\u00e9\101")", "STRING:A\u00e9A"},
      {"`a\\\"b\nc`", "STRING:a\\\"b\nc"},
      {R"("a" "b")", "STRING:a STRING:b"},
      {R"("a)", "error:literal not terminated"},
      {"\"a\\", "error:literal not terminated"},
      {R"("\'")", "error:invalid char escape"},
      {"'a'", "error:invalid char literal"},
  });
}

TEST(LexerTest, ReadsNumbers) {
  ExpectTokens({
      {"1 1.5 .5 1. 1e3 1E-3 0x1F",
       "NUMBER:1 NUMBER:1.5 NUMBER:.5 NUMBER:1. NUMBER:1e3 "
       "NUMBER:1E-3 NUMBER:0x1F"},
      {"1_000 1_0.5_0 0x_1F 0x1.8p-2 0x1p+4",
       "NUMBER:1_000 NUMBER:1_0.5_0 NUMBER:0x_1F NUMBER:0x1.8p-2 NUMBER:0x1p+4"},
      {"007 08.5", "NUMBER:007 NUMBER:08.5"},
      {"08", "error:invalid digit '8' in octal literal"},
      {"1e", "NUMBER:1 IDENTIFIER:e"},
      {"1abc", "NUMBER:1 IDENTIFIER:abc"},
      {"-5", "- NUMBER:5"},
  });
}

TEST(LexerTest, ReadsDurations) {
  ExpectTokens({
      {"5s", "DURATION:5000000000"},
      {"1h30m", "DURATION:5400000000000"},
      {"1d", "DURATION:86400000000000"},
      {"1.5ms", "DURATION:1500000"},
      {"2\u00b5s 2\u03bcs 2us 5ns", "DURATION:2000 DURATION:2000 DURATION:2000 DURATION:5"},
      {"-5m", "DURATION:-300000000000"},
      {"- 5m", "- DURATION:300000000000"},
      {"5m30", "NUMBER:5 IDENTIFIER:m30"},
      {"5minutes", "DURATION:300000000000 IDENTIFIER:inutes"},
  });
}

TEST(LexerTest, ReadsSizes) {
  ExpectTokens({
      {"1B 1kB 1KB 1KiB 1.5MB 2GiB",
       "BYTES:1 BYTES:1000 BYTES:1000 BYTES:1024 BYTES:1500000 "
       "BYTES:2147483648"},
      {"1b", "NUMBER:1 IDENTIFIER:b"},
      {"-1B", "- BYTES:1"},
  });
}

TEST(LexerTest, ReadsRanges) {
  ExpectTokens({
      {"[5m]", "RANGE:300000000000"},
      {"[1h30m][1d]", "RANGE:5400000000000 RANGE:86400000000000"},
      {"[1.5h]", "error:unknown unit \".\" in duration \"1.5h\""},
      {"[5m", "error:missing closing ']' in duration"},
  });
}

TEST(LexerTest, ReservesWordsAndKnowsFunctionsByWhatFollows) {
  ExpectTokens({
      {"json Json JSON", "json json json"},
      {"or and unless by without on ignoring", "or and unless by without on ignoring"},
      {"rate sum bytes ip", "IDENTIFIER:rate IDENTIFIER:sum IDENTIFIER:bytes IDENTIFIER:ip"},
      {"rate(", "RATE ("},
      {"Sum (", "SUM ("},
      {"sum BY (a)", "SUM by ( IDENTIFIER:a )"},
      {"sum\nwithout\t(", "SUM without ("},
      {"sum by a", "IDENTIFIER:sum by IDENTIFIER:a"},
      {"sum bytes (", "IDENTIFIER:sum BYTES_CONV ("},
      {"label_replace( vector( ip( duration_seconds(",
       "LABEL_REPLACE ( VECTOR ( ip ( DURATION_SECONDS_CONV ("},
      {"variants(", "IDENTIFIER:variants ("},
      {"a:b", "IDENTIFIER:a IDENTIFIER IDENTIFIER:b"},
      {"ratex _a1", "IDENTIFIER:ratex IDENTIFIER:_a1"},
  });
}

TEST(LexerTest, ReadsFlagsOnlyInFull) {
  ExpectTokens({
      {"--strict --keep-empty", "PARSER_FLAG PARSER_FLAG"},
      {"--strictly", "- - IDENTIFIER:strictly"},
      {"-- strict", "- - IDENTIFIER:strict"},
  });
}

TEST(LexerTest, CountsLinesAndCharacters) {
  Lexer lexer("{\n  gr\u00f6\u00dfe=\"x\ty\" ,\n`a\nb` !=");
  std::vector<std::pair<int, int>> positions;
  for (Token token = lexer.Next(); token.kind != TokenKind::kEnd; token = lexer.Next()) {
    positions.emplace_back(token.line, token.column);
  }
  const std::vector<std::pair<int, int>> expected = {{1, 1},  {2, 3}, {2, 8}, {2, 9},
                                                     {2, 15}, {3, 1}, {0, 4}};
  EXPECT_EQ(positions, expected);
}

TEST(LexerTest, StaysAtItsEndAndAtItsError) {
  Lexer empty("");
  EXPECT_EQ(empty.Next().kind, TokenKind::kEnd);
  EXPECT_EQ(empty.Next().kind, TokenKind::kEnd);
  Lexer broken("'");
  EXPECT_EQ(broken.Next().kind, TokenKind::kError);
  EXPECT_EQ(broken.Next().kind, TokenKind::kError);
}

}  // namespace
}  // namespace skald::logql
