#include "common/regex_window.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "common/regex.h"

namespace skald {
namespace {

using Texts = std::vector<std::string>;

// Each set as its printable bytes; `+` when bytes past ASCII are in it.
std::string Print(const std::vector<ByteSet>& sets) {
  std::string out;
  for (const ByteSet& set : sets) {
    out += "[";
    for (int c = ' '; c < 127; ++c) {
      if (set.ascii[static_cast<size_t>(c)]) out.push_back(static_cast<char>(c));
    }
    out += set.beyond_ascii ? "]+" : "]";
  }
  return out;
}

TEST(RegexWindowTest, FindsTheRarestRun) {
  const std::string digits = "[0123456789]";
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"[45][0-9]{2}\\s+[0-9]+", "[45]" + digits + digits + "[ ]"},
      {"\\d+\\.\\d+", digits + "[.]" + digits},
      {"x[yz]+\\d?", "[x][yz]"},
      {"X[YZ]|U[34]", "[UX][34YZ]"},
      {"(?:AB){2,3}", "[A][B][A][B]"},
      {"(?i)o?K[xq]", "[Kk]+[QXqx]"},
      {"(?i)K", ""},
      {"\u00e9$", "[]+[]+"},
      {"\\bA\\z", ""},
      {"\\d{3}", ""},
      {".*", ""},
      {"[^a]+", ""},
      {"Q|", ""},
      {"abcdefghijQ", "[f][g][h][i][j][Q]"},
  };
  for (const auto& [pattern, window] : rows) {
    EXPECT_EQ(Print(RequiredWindow(pattern)), window) << pattern;
  }
}

// Random expressions, and texts put together from pieces that they are about.
class WindowGenerator {
 public:
  explicit WindowGenerator(unsigned seed) : random_(seed) {}

  std::string Expression(int depth) {
    std::string all = Sequence(depth);
    for (size_t left = Below(4) == 0 ? 1 + Below(2) : 0; left > 0; --left) {
      all += "|" + Sequence(depth);
    }
    return all;
  }

  std::string Text() {
    static const Texts kPieces = {"a",
                                  "b",
                                  "ab",
                                  "K",
                                  "k",
                                  "s",
                                  "S",
                                  " ",
                                  "7",
                                  "42",
                                  "_",
                                  "\u00e9",
                                  "\u00c9",
                                  "\xff",
                                  "\u017f",
                                  "\n",
                                  "-",
                                  "\t",
                                  "x",
                                  "\u212a",
                                  "\u4e16",
                                  "\xc3",
                                  "\ufffd",
                                  "\"",
                                  "X",
                                  "Q",
                                  "q",
                                  "\x80",
                                  std::string(1, '\0')};
    std::string text;
    for (size_t left = Below(10); left > 0; --left) text += kPieces[Below(kPieces.size())];
    return text;
  }

  size_t Below(size_t n) { return random_() % n; }

 private:
  std::string Sequence(int depth) {
    std::string all;
    for (size_t left = 1 + Below(4); left > 0; --left) all += Repeated(depth);
    return all;
  }

  std::string Repeated(int depth) {
    static const Texts kAssertions = {"^", "$", "\\b", "\\B", "\\A", "\\z", "(?m:^)", "(?m:$)"};
    if (Below(8) == 0) return kAssertions[Below(kAssertions.size())];
    static const Texts kCounts = {"*", "+", "?", "{2}", "{1,3}?", "{0,}", "+?", "{3,70}", "{2,}"};
    std::string atom = Atom(depth);
    if (Below(3) == 0) atom += kCounts[Below(kCounts.size())];
    return atom;
  }

  std::string Atom(int depth) {
    if (depth > 0 && Below(3) == 0) {
      static const Texts kOpen = {"(", "(?:", "(?i:", "(?s:", "(?P<n>", "(?-i:", "(?is:"};
      return kOpen[Below(kOpen.size())] + Expression(depth - 1) + ")";
    }
    static const Texts kAtoms = {"a",
                                 "b",
                                 "K",
                                 "s",
                                 "\\d",
                                 "\\w",
                                 "\\W",
                                 "\\s",
                                 "\\S",
                                 "\\D",
                                 ".",
                                 "[ab]",
                                 "[^ab]",
                                 "[a-ks]",
                                 "[^\\d]",
                                 "[\\W_]",
                                 "[^\\Wk]",
                                 "\u00e9",
                                 "\ufffd",
                                 "\\pL",
                                 "\\PL",
                                 "[[:alpha:]]",
                                 "[[:^digit:]]",
                                 "\\x{e9}",
                                 "\\x4b",
                                 "\\Q.a\\E",
                                 "\\C",
                                 "\\-",
                                 "(?:ab|b)",
                                 "\u212a",
                                 "[^k]",
                                 "[^\u00e9]",
                                 "[\\pN7]",
                                 "\\n",
                                 "[\u00e9-\u017f]",
                                 "x",
                                 "X",
                                 "Q",
                                 "[Qx]",
                                 "\u00e9\\b",
                                 "(?i:k)",
                                 "[^\\x{80}-\\x{10FFFF}]"};
    return kAtoms[Below(kAtoms.size())];
  }

  std::mt19937 random_;
};

TEST(RegexWindowTest, StandsInEachTextThatMatches) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  WindowGenerator generator(seed);
  size_t judged = 0;
  for (int round = 0; round < 3000; ++round) {
    const std::string pattern = (generator.Below(4) == 0 ? "(?i)" : "") + generator.Expression(2);
    const auto regex = Regex::Compile(pattern);
    if (!regex.ok()) continue;  // A group's name twice.
    const std::vector<ByteSet> sets = RequiredWindow(pattern);
    if (sets.empty() && !(*regex)->matches_all()) continue;
    for (int i = 0; i < 60; ++i) {
      const std::string text = generator.Text();
      const bool matches = (*regex)->Matches(text);
      ASSERT_TRUE(matches || !(*regex)->matches_all()) << pattern;
      if (!matches || sets.empty()) continue;
      ++judged;
      const char* const end = text.data() + text.size();
      ASSERT_NE(ByteSetSearch(sets).Find(text.data(), end), end)
          << pattern << " in " << testing::PrintToString(text) << ", window " << Print(sets);
    }
  }
  EXPECT_GT(judged, 200U);
}

}  // namespace
}  // namespace skald
