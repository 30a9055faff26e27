#include "patterns/line_tokens.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace skald::patterns {
namespace {

// Tokens with a mark of their kind: word, key=, #variable, ?hidden.
std::string Dump(std::string_view line, const LineCaps& caps = {}) {
  LineTokens tokens;
  SplitLine(line, caps, tokens);
  std::string text;
  for (const LineToken& token : tokens.tokens) {
    if (!text.empty()) text += ' ';
    if (token.kind == TokenKind::kVariable) text += '#';
    if (token.kind == TokenKind::kHidden) text += '?';
    text += token.Of(line);
    if (token.kind == TokenKind::kKey) text += '=';
  }
  return tokens.cut ? text + " ..." : text;
}

uint64_t Skeleton(std::string_view line) {
  LineTokens tokens;
  SplitLine(line, {}, tokens);
  return tokens.skeleton;
}

uint64_t Shape(std::string_view line) {
  LineTokens tokens;
  SplitLine(line, {}, tokens);
  return ShapeOf(line, tokens);
}

TEST(LineTokensTest, CutsLinesUp) {
  const struct {
    std::string_view line;
    std::string_view tokens;
  } rows[] = {
      {"", ""},
      {" , = ", ""},
      {"user 7 logged in", "user #7 logged in"},
      {"2024-01-02T10:00:01.5Z [main] a.b.C: done", "#2024-01-02T10:00:01.5Z main a.b.C done"},
      {"10:00:01,123 INFO 10.0.0.1:80 fe80::1", "#10:00:01,123 INFO #10.0.0.1:80 #fe80::1"},
      {"level=info msg=\"a b\" took=3ms", "level= info msg= a b took= #3ms"},
      {"token=abc== x=y=z", "token= abc== x= y=z"},
      {"GET /a?b=c&d=e 200", "GET /a?b=c&d=e #200"},
      {R"({"level":"warn","n":1,"ok":true,"a":[1,2]})", "level= warn n= #1 ok= true a= #1,2"},
      {R"({"a1":"b"})", "#a1 b"},
      {"a, b; c: d", "a b c d"},
      {"f(x|y)", "f x y"},
      {"see <b> and a<_>b, not < b> or <b", "see ?<b> and ?a<_>b not < b> or <b"},
      {"caf\xc3\xa9 \xff!", "caf\xc3\xa9 ?\xff!"},
      {"\x1b[32mok", "?\x1b #32mok"},
      {"first line\nsecond", "first line ..."},
      {"\nsecond", " ..."},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Dump(row.line), row.tokens) << row.line;
  }
}

TEST(LineTokensTest, LooksAtNoMoreThanItsCaps) {
  EXPECT_EQ(Dump("one two three", {.line_bytes = 9}), "one two t ...");
  EXPECT_EQ(Dump("one two three", {.tokens = 2}), "one two ...");
  EXPECT_EQ(Dump("one two three", {.tokens = 3}), "one two three");
  EXPECT_EQ(Dump("one two", {.tokens = 0}), " ...");
  EXPECT_EQ(Dump("short waytoolong", {.token_bytes = 6}), "short ?waytoolong");
  EXPECT_EQ(Dump(std::string(200'000, 'a'), {.line_bytes = 1 << 20}).size(), 1 + 0xffff + 4u);
}

TEST(LineTokensTest, GivesLinesThatDifferInNumbersOneSkeleton) {
  EXPECT_EQ(Skeleton("user 7 at 10.0.0.1"), Skeleton("user 123 at fe80::1"));
  EXPECT_NE(Skeleton("user 7"), Skeleton("user x"));
  EXPECT_NE(Skeleton("user 7"), Skeleton("user  7"));
  EXPECT_NE(Skeleton("user 7"), Skeleton("user 7\n"));
  EXPECT_NE(Skeleton("ab c"), Skeleton("a bc"));
  EXPECT_NE(Skeleton("abcdefgh"), Skeleton("abcdefgi"));
}

TEST(LineTokensTest, GivesLinesWithTheSameKeysOneShape) {
  EXPECT_EQ(Shape("level=info msg=\"a b\""), Shape("level=warn msg=\"c 7\""));
  EXPECT_NE(Shape("level=info"), Shape("severity=info"));
  EXPECT_NE(Shape("a b"), Shape("a b c"));
  EXPECT_NE(Shape("a b"), Shape("a, b"));
}

}  // namespace
}  // namespace skald::patterns
