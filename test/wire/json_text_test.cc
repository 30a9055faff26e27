#include "wire/json_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace skald::wire {
namespace {

TEST(JsonTextTest, DecodesEscapes) {
  struct Row {
    std::string raw;
    std::string text;
  };
  const std::vector<Row> rows = {
      {"", ""},
      {"plain", "plain"},
      {R"(\"\\\/\b\f\n\r\t)", "\"\\/\b\f\n\r\t"},
      {R"(\u0041\u00e9\u65e5)", "A\u00e9\u65e5"},
      {R"(\ud83d\ude00)", "\U0001f600"},
      {R"(\uD83D\uDE00)", "\U0001f600"},
      {R"(a long text without any escape\nthen one and again a long text)",
       "a long text without any escape\nthen one and again a long text"},
      {"\u00fcn\u00ef \\n", "\u00fcn\u00ef \n"},
      {R"(\u0000)", std::string(1, '\0')},
  };
  for (const Row& row : rows) {
    std::string out = "kept ";
    EXPECT_TRUE(AppendUnescaped(row.raw, out)) << row.raw;
    EXPECT_EQ(out, "kept " + row.text) << row.raw;
  }
}

TEST(JsonTextTest, RefusesEscapesThatAreNone) {
  const std::vector<std::string> rows = {
      R"(\x41)",   R"(\)",      R"(text\)",      R"(\u)",           R"(\u004)",
      R"(\u00g0)", R"(\ud800)", R"(\ud800 end)", R"(\ud800\u0041)", R"(\ud800\ud800)",
      R"(\udc00)", R"(\'a)",    R"(\ud83d\u)",   R"(\ud83d\)",      R"(\a)",
  };
  for (const std::string& raw : rows) {
    std::string out;
    EXPECT_FALSE(AppendUnescaped(raw, out)) << raw;
  }
}

TEST(JsonTextTest, DecodesAnEscapeAtEveryOffset) {
  for (size_t before = 0; before < 40; ++before) {
    for (size_t after = 0; after < 40; ++after) {
      std::string out;
      ASSERT_TRUE(AppendUnescaped(std::string(before, 'a') + "\\n" + std::string(after, 'b'), out));
      ASSERT_EQ(out, std::string(before, 'a') + "\n" + std::string(after, 'b'));
    }
  }
}

TEST(JsonTextTest, MendsWhatParsersRefuse) {
  struct Row {
    std::string text;
    std::string mended;
  };
  const std::vector<Row> rows = {
      {R"({"a":1})", R"({"a":1})"},
      {R"({"a":1} trailing)", R"({"a":1})"},
      {R"({"a":{"b":[1]}}{"c":2})", R"({"a":{"b":[1]}})"},
      {R"({"a":"}"} x)", R"({"a":"}"})"},
      {R"({"a":"\"}"} x)", R"({"a":"\"}"})"},
      {"{\"a\":\"\xff\"}", "{\"a\":\"\ufffd\"}"},
      {"{\"a\":\"\xe6\x97\"}", "{\"a\":\"\ufffd\ufffd\"}"},
      {"{\"a\":\"x\ty\n\"}", R"({"a":"x\u0009y\u000a"})"},
      {"{\n\t\"a\" : 1 }\n", "{\n\t\"a\" : 1 }"},
      {R"({"a":"cut)", R"({"a":"cut)"},
      {"", ""},
  };
  for (const Row& row : rows) EXPECT_EQ(MendJson(row.text), row.mended) << row.text;
}

}  // namespace
}  // namespace skald::wire
