#include "common/json_escape.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace skald {
namespace {

// What `raw` stands for, read within a buffer of just its size.
std::optional<std::string> Unescaped(std::string_view raw) {
  std::string out(raw.size(), '?');
  char* end = out.data();
  if (!UnescapeJson(raw, end)) return std::nullopt;
  out.resize(static_cast<size_t>(end - out.data()));
  return out;
}

TEST(JsonEscape, DecodesEscapes) {
  const struct {
    std::string_view raw;
    std::string_view text;
  } rows[] = {
      {"", ""},
      {"plain, and longer than sixteen bytes", "plain, and longer than sixteen bytes"},
      {R"(\"\\\/\b\f\n\r\t)", "\"\\/\b\f\n\r\t"},
      {R"(a\nb)", "a\nb"},
      {R"(sixteen bytes...\nsixteen bytes...\t)", "sixteen bytes...\nsixteen bytes...\t"},
      {R"(\u0041\u00e9\u20AC)", "A\u00e9\u20ac"},
      {R"(\ud83d\ude00!)", "\U0001F600!"},
      {"\xff stays \x01", "\xff stays \x01"},
  };
  for (const auto& row : rows) EXPECT_EQ(Unescaped(row.raw), row.text) << row.raw;
}

TEST(JsonEscape, RefusesWhatIsNoEscape) {
  for (const std::string_view raw :
       {R"(\)", R"(\x)", R"(ab\u12)", R"(\u12g4)", R"(\ud83d)", R"(\ud83d\n)", R"(\ud83d\u0041)",
        R"(\ude00)", R"(sixteen bytes...\q)"}) {
    EXPECT_EQ(Unescaped(raw), std::nullopt) << raw;
  }
}

TEST(JsonEscape, ReadsAStringCutAnywhere) {
  const std::string raw = R"(some text, \"quoted\" and \ud83d\ude00 as well as \u00e9)";
  for (size_t size = 0; size <= raw.size(); ++size) {
    const auto text = Unescaped(std::string_view(raw).substr(0, size));
    EXPECT_LE(text.value_or("").size(), size);
  }
}

}  // namespace
}  // namespace skald
