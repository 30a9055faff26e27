#include "logql/stages/json_text.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace skald::logql {
namespace {

// The value's text and what is behind it, or the error.
std::string ReadJson(std::string_view text) {
  JsonValue value;
  const char* next = nullptr;
  const char* const end = text.data() + text.size();
  const JsonError error = ReadJsonValue(text.data(), end, value, next);
  if (error != JsonError::kNone) return "! " + std::string(JsonErrorText(error));
  const char* const kTypes[] = {"string", "number", "bool", "null", "object", "array"};
  return std::string(kTypes[static_cast<size_t>(value.type)]) + " <" + std::string(value.text) +
         "> " + std::string(next, end);
}

TEST(JsonTextTest, FindsWhereAValueEnds) {
  const struct {
    const char* text;
    const char* read;
  } rows[] = {
      {R"("abc",1)", R"(string <abc> ,1)"},
      {R"("a\"b\\")", R"(string <a\"b\\> )"},
      {R"("")", R"(string <> )"},
      {R"( 12 )", R"(number <12>  )"},
      {R"(-1.5e3})", R"(number <-1.5e3> })"},
      {R"(12ab,)", R"(number <12ab> ,)"},  // Numbers are not checked.
      {R"(true])", R"(bool <true> ])"},
      {R"(false)", R"(bool <false> )"},
      {R"(null,)", R"(null <null> ,)"},
      {R"({"a":{"b":"}"}} x)", R"(object <{"a":{"b":"}"}}>  x)"},
      {R"([1,[2],"]"],3)", R"(array <[1,[2],"]"]> ,3)"},
      {R"({]})", R"(object <{]}> )"},  // Only braces count in an object.
  };
  for (const auto& row : rows) EXPECT_EQ(ReadJson(row.text), row.read);
}

TEST(JsonTextTest, FindsTheEndOfALiteralAtEveryPlace) {
  for (size_t before = 0; before <= 40; ++before) {
    for (const char end : {',', '}', ']', ' ', '\n', '\r', '\t'}) {
      // Control characters, and what is close to an end, are none.
      std::string text = std::string(before, '7') + std::string("\x01\0\f{[=\x1f|x", 9);
      for (size_t i = before; i > 0; i /= 2) text[i - 1] = '\v';
      const size_t at = text.size();
      text += end + std::string(20, '}');
      EXPECT_EQ(FindJsonLiteralEnd(text.data(), text.data() + text.size()), text.data() + at);
      EXPECT_EQ(FindJsonLiteralEnd(text.data(), text.data() + at), text.data() + at);
    }
  }
}

TEST(JsonTextTest, NamesWhatHasNoEnd) {
  const struct {
    const char* text;
    const char* error;
  } rows[] = {
      {"", "Malformed JSON error"},
      {"  ", "Malformed JSON error"},
      {R"("abc)", "Value is string, but can't find closing '\"' symbol"},
      {R"("abc\")", "Value is string, but can't find closing '\"' symbol"},
      {R"("abc\)", "Value is string, but can't find closing '\"' symbol"},
      {R"([1,2)", "Value is array, but can't find closing ']' symbol"},
      {R"({"a":"}")", "Value looks like object, but can't find closing '}' symbol"},
      {R"(tru)", "Unknown value type"},
      {R"(x)", "Unknown value type"},
      {R"(,)", "Unknown value type"},
  };
  for (const auto& row : rows) EXPECT_EQ(ReadJson(row.text), "! " + std::string(row.error));
}

TEST(JsonTextTest, ResolvesEscapes) {
  const struct {
    const char* text;
    const char* plain;  // Null: invalid.
  } rows[] = {
      {R"(plain)", "plain"},
      {R"(\"\\\/\b\f\n\r\t)", "\"\\/\b\f\n\r\t"},
      {R"(\u0041\u00e9\u20AC)", "Aé€"},
      {R"(\ud83d\ude00!)", "😀!"},
      {R"(\ud83d)", nullptr},        // Half a pair.
      {R"(\ud83d\u0041)", nullptr},  // The other half is none.
      {R"(\ude00)", nullptr},
      {R"(\u00g0)", nullptr},
      {R"(\u00)", nullptr},
      {R"(\x)", nullptr},
      {R"(\)", nullptr},
  };
  for (const auto& row : rows) {
    TextArena arena;
    std::string_view out = "untouched";
    EXPECT_EQ(UnescapeJson(row.text, arena, out), row.plain != nullptr) << row.text;
    EXPECT_EQ(out, row.plain != nullptr ? row.plain : "untouched") << row.text;
  }
}

TEST(JsonTextTest, MakesLabelsOfStrings) {
  TextArena arena;
  const auto label = [&](std::string_view quoted) {
    JsonValue value;
    EXPECT_NE(ReadJsonString(quoted.data() + 1, quoted.data() + quoted.size(), value), nullptr);
    return JsonLabelText(value, arena);
  };
  EXPECT_EQ(label("\"plain\""), "plain");
  EXPECT_EQ(label("\"a\\tb\""), "a\tb");
  EXPECT_EQ(label("\"bad \\q escape\""), "");
  EXPECT_EQ(label("\"caf\xc3\xa9\""), "café");
  EXPECT_EQ(label("\"x\xff\xfey\""), "x  y");
}

TEST(JsonTextTest, ABlockMayBeginAtAnyDepth) {
  const std::string_view text = R"(1}, "}": {}} rest)";
  const char* const end = text.data() + text.size();
  EXPECT_EQ(SkipJsonBlock(text.data(), end, '{', '}', 1), text.data() + 2);
  EXPECT_EQ(std::string_view(SkipJsonBlock(text.data(), end, '{', '}', 2), end), " rest");
  EXPECT_EQ(SkipJsonBlock(text.data(), end, '{', '}', 3), nullptr);
}

}  // namespace
}  // namespace skald::logql
