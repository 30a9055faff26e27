#include "logql/stages/line_pattern.h"

#include <gtest/gtest.h>

#include <string>

namespace skald::logql {
namespace {

TEST(LinePatternTest, MatchesAsAFilter) {
  const struct {
    const char* pattern;
    const char* line;
    bool matches;
  } rows[] = {
      {"", "", true},
      {"", "x", false},
      {"<_>", "", false},
      {"<_>", "x", true},
      {"abc", "abc", true},
      {"abc", "xxabc", true},   // The front is open,
      {"abc", "abcxx", false},  // the end is not.
      {"a<_>", "xxab", true},
      {"a<_>", "xxa", false},
      {"<_>a", "ba", true},
      {"<_>a", "a", false},
      {"<_>a", "aa", true},
      {"<_>a", "ab", false},
      {"a<_>b", "a b", true},
      {"a<_>b", "ab", false},
      {"a<_>b", "abb", true},
      {"a<_>b", "a b c", false},
      {"a<_>b<_>c", "a1b2c", true},
      {"a<_>b<_>c", "a1bc", false},
      {"a<_>b<_>", "a1b2", true},
      {"a<_>b<_>", "a1b", false},
      {"<_> 50<_>", "GET 502", true},
  };
  for (const auto& row : rows) {
    auto parts = ParseLinePattern(row.pattern);
    ASSERT_TRUE(parts.ok()) << row.pattern;
    EXPECT_EQ(LinePattern(*std::move(parts)).Matches(row.line), row.matches)
        << row.pattern << " on " << row.line;
  }
}

std::string Captured(const char* pattern, const char* line) {
  auto parts = ParseCapturePattern(pattern);
  EXPECT_TRUE(parts.ok()) << pattern;
  const LinePattern made(*std::move(parts));
  std::string out;
  made.Capture(line, made.Names().size(), [&](size_t capture, std::string_view value) {
    out += made.Names()[capture] + "<" + std::string(value) + ">";
  });
  return out;
}

TEST(LinePatternTest, CapturesWhatIsBetweenLiterals) {
  const struct {
    const char* pattern;
    const char* line;
    const char* captured;
  } rows[] = {
      {"<a>", "all of it", "a<all of it>"},
      {"<a>", "", "a<>"},
      {"<a> <b>", "x y z", "a<x>b<y z>"},
      {"<a> <_> <b>", "x y z", "a<x>b<z>"},
      {"[<a>]", "[x] rest", "a<x>"},
      {"[<a>]", "(x)", ""},
      {"[<a>]", " [x]", ""},  // The front is not open.
      {"[<a>]", "[x", "a<x>"},
      {"[<a>]<b>", "[]", "a<>b<>"},
      {"<a>=<b>,<c>", "k=v", "a<k>b<v>"},
      {"<_>=<b>", "k=v", "b<v>"},
      {"<_>=<b>", "kv", ""},
      {"<a>", "caf\xc3\xa9", "a<caf\xc3\xa9>"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Captured(row.pattern, row.line), row.captured) << row.pattern << " on " << row.line;
  }
}

TEST(LinePatternTest, KnowsALiteralThatEveryMatchContains) {
  EXPECT_EQ(LinePattern(*ParseLinePattern("a<_>long<_>bb")).LongestLiteral(), "long");
  EXPECT_EQ(LinePattern(*ParseLinePattern("<_>")).LongestLiteral(), "");
}

}  // namespace
}  // namespace skald::logql
