#include "patterns/line_tokens.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace skald::patterns {
namespace {

// Tokens with a mark of their kind: word, key=, #variable, ?hidden.
std::string Dump(std::string_view line, const LineCaps& caps = {},
                 const JsonFields& json_fields = JsonFields::All()) {
  LineTokens tokens;
  SplitLine(line, caps, json_fields, tokens);
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
  SplitLine(line, {}, JsonFields::All(), tokens);
  return tokens.skeleton;
}

uint64_t Shape(std::string_view line) {
  LineTokens tokens;
  SplitLine(line, {}, JsonFields::All(), tokens);
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
      {"注文42件のorderを処理: 済", "注文 #42 件の order を処理 済"},
      {"\xe6\x97 x\xe6\x97\xa5", "?\xe6\x97 x \xe6\x97\xa5"},
      {"first line\nsecond", "first line ..."},
      {"\nsecond", " ..."},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Dump(row.line), row.tokens) << row.line;
  }
}

TEST(LineTokensTest, KeepsTextsOfOtherJsonFieldsWhole) {
  const JsonFields msg("log, msg", "body", "log");
  const struct {
    std::string_view line;
    std::string_view tokens;
  } rows[] = {
      {R"({"msg":"a b","user":"A (B), C","n":1})", "msg= a b user= A (B), C n= #1"},
      {R"({"body":"a b","log":"a b"})", "body= a b log= a b"},
      {R"({"in":{"msg":"a b"},"at":["x y"]})", "in= msg= a b at= x y"},
      {R"({"user": "x y" , "empty":"","k":"v"})", "user= x y empty= k= v"},
      {R"({"q":"say \"hi there\" \\","k":"v 1"})", R"(q= say \"hi there\" \\ k= #v 1)"},
      {R"({"a":"x <b> y","b":"see \<c>"})", R"(a= ?x <b> y b= ?see \<c>)"},
      {"{\"a\":\"x \\\xff y\"}", "a= ?x \\\xff y"},
      {R"({"a":"no end)", "a= no end"},
      {R"({"a":")", "a="},
      {R"("a":"x y")", "a= x y"},
      {R"(at {"user":"x y"})", "at user= x y"},
  };
  for (const auto& row : rows) EXPECT_EQ(Dump(row.line, {}, msg), row.tokens) << row.line;
  EXPECT_EQ(Dump(R"({"user":"a b c d"})", {.token_bytes = 6}, msg), "user= ?a b c d");
  EXPECT_EQ(Dump(R"({"user":"a b","x":1})", {.tokens = 1}, msg), "user= ...");
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

TEST(JsonFieldsTest, AreTheDefaultOnesAndFurtherOnesButForSome) {
  const JsonFields fields(" log,msg ,,", "body", "log,other");
  EXPECT_FALSE(fields.Has("log"));
  EXPECT_TRUE(fields.Has("msg"));
  EXPECT_TRUE(fields.Has("body"));
  EXPECT_FALSE(fields.Has(""));
  EXPECT_TRUE(JsonFields::All().Has("any"));
  EXPECT_FALSE(JsonFields("", "", "").Has("msg"));
}

}  // namespace
}  // namespace skald::patterns
