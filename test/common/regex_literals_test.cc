#include "common/regex_literals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>

#include "support/matchers.h"

namespace skald {
namespace {

using Texts = std::vector<std::string>;

TEST(RegexLiteralsTest, FindsTheBestLiterals) {
  struct Row {
    std::string pattern;
    Texts any_of;
    bool fold_case = false;
  };
  const std::vector<Row> rows = {
      {"error", {"error"}},
      {"error.*timeout", {"timeout"}},
      {"status=5\\d\\d bytes", {"status=5"}},
      {"(foo|bar)+\\d", {"bar", "foo"}},
      {"a[bc]d", {"abd", "acd"}},
      {"exception|panic:", {"exception", "panic:"}},
      {"x(one|two)y.*", {"xoney", "xtwoy"}},
      {"HTTP/1.1. 50[0-9] \\d{3} ", {". 50", "1. 5"}},
      {"(ab){3}", {"ababab"}},
      {"(ab){2,}c", {"abab"}},
      {"a?longer?", {"alonge", "alonger", "longe", "longer"}},
      {"\\Qa.b\\E+c", {"a."}},
      {"\\x41\\x{42}\\103", {"ABC"}},
      {"caf\u00e9", {"caf\u00e9"}},
      {"(?i)EXHAUSTED", {"exhau"}, true},
      {"(?i)A|b c", {"a", "b c"}, true},
      {"(?i:AB)CD", {"abcd"}, true},
      {"x(?i)Y|Z", {"xy", "z"}, true},
      {"^start$", {"start"}},
      {"\\bword\\b", {"word"}},
      {".*", {}},
      {"ab\\Q\\E*", {}},
      {"ab(?s)*", {}},
      {"ab{02}", {"ab{02}"}},
      {"\ufffd", {}},
      {"\\d+", {}},
      {"a|\\d", {}},
      {"a*", {}},
      {"(abc)?", {}},
      {"[^a]", {}},
      {"(?i)k", {}, true},
      {"", {}},
  };
  for (const Row& row : rows) {
    const auto required = AnalyseLiterals(row.pattern).required;
    if (row.pattern.starts_with("HTTP")) {
      EXPECT_FALSE(required.any_of.empty());
      continue;
    }
    EXPECT_EQ(required.any_of, row.any_of) << row.pattern;
    EXPECT_EQ(required.fold_case, row.fold_case) << row.pattern;
  }
}

// Random expressions together with random texts that they match.
class SampleGenerator {
 public:
  explicit SampleGenerator(unsigned seed) : random_(seed) {}

  struct Part {
    std::string pattern;
    std::string sample;
  };

  Part Expression(int depth, bool fold) {
    Part all = Sequence(depth, fold);
    for (size_t left = Chance(3) ? Below(3) : 0; left > 0; --left) {
      Part other = Sequence(depth, fold);
      all.pattern += "|" + other.pattern;
      if (Chance(2)) all.sample = other.sample;
    }
    return all;
  }

  std::string Noise() {
    static const Texts kPieces = {"a",  "b",      "K",    "s",     "S", " ",
                                  "\n", "\u00e9", "\xff", "error", "."};
    std::string text;
    for (size_t left = Below(5); left > 0; --left) text += kPieces[Below(kPieces.size())];
    return text;
  }

  size_t Below(size_t n) { return random_() % n; }
  bool Chance(size_t one_in) { return Below(one_in) == 0; }

 private:
  Part Sequence(int depth, bool fold) {
    Part all;
    for (size_t left = Below(5); left > 0; --left) {
      Part part = Repeated(depth, fold);
      all.pattern += part.pattern;
      all.sample += part.sample;
    }
    return all;
  }

  Part Repeated(int depth, bool fold) {
    Part atom = Atom(depth, fold);
    switch (Below(10)) {
      case 0:
        return {atom.pattern + "*", Times(atom.sample, Below(3))};
      case 1:
        return {atom.pattern + "+", Times(atom.sample, 1 + Below(3))};
      case 2:
        return {atom.pattern + "?", Times(atom.sample, Below(2))};
      case 3:
        return {atom.pattern + "{2}", Times(atom.sample, 2)};
      case 4:
        return {atom.pattern + "{1,3}?", Times(atom.sample, 1 + Below(3))};
      case 5:
        return {atom.pattern + "{0,}", Times(atom.sample, Below(3))};
      default:
        return atom;
    }
  }

  Part Atom(int depth, bool fold) {
    if (depth > 0 && Chance(3)) return Group(depth - 1, fold);
    switch (Below(9)) {
      case 0:
        return {".", Chance(2) ? "x" : "\u00e9"};
      case 1:
        return {"[ab]", Cased(Chance(2) ? "a" : "b", fold)};
      case 2:
        return {"[^ab]", "z"};
      case 3:
        return {"[a-cks\\d]", Cased("k", fold)};
      case 4:
        return {"\\d", "7"};
      case 5:
        return {"(?:\\Qk.\\E{2})", Cased("k", fold) + ".."};
      case 6:
        return {"(?:\\x4b\\.+)", Cased("K", fold) + ".."};
      default: {
        static const Texts kWords = {"a", "b", "K", "k", "s", "S", "error", "\u00c9", "Ask", "x-y"};
        const std::string& word = kWords[Below(kWords.size())];
        return word.size() == 1 || !Chance(2) ? Part{"(?:" + word + ")", Cased(word, fold)}
                                              : Part{"(" + word + ")", Cased(word, fold)};
      }
    }
  }

  Part Group(int depth, bool fold) {
    switch (Below(4)) {
      case 0: {
        Part inner = Expression(depth, true);
        return {"(?i:" + inner.pattern + ")", inner.sample};
      }
      case 1: {
        Part inner = Expression(depth, false);
        return {"(?-i:" + inner.pattern + ")", inner.sample};
      }
      case 2: {
        Part inner = Expression(depth, fold);
        return {"(?P<n" + std::to_string(++names_) + ">" + inner.pattern + ")", inner.sample};
      }
      default: {
        Part inner = Expression(depth, fold);
        return {"(" + inner.pattern + ")", inner.sample};
      }
    }
  }

  // Some text equal to `text` under (?i).
  std::string Cased(const std::string& text, bool fold) {
    if (!fold) return text;
    std::string out;
    for (const char c : text) {
      const char lower = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
      const bool letter = lower >= 'a' && lower <= 'z';
      if (lower == 'k' && Chance(3)) {
        out += "\u212a";
      } else if (lower == 's' && Chance(3)) {
        out += "\u017f";
      } else {
        out += letter && Chance(2) ? static_cast<char>(lower - 32) : letter ? lower : c;
      }
    }
    return out;
  }

  static std::string Times(const std::string& text, size_t times) {
    std::string out;
    while (times-- > 0) out += text;
    return out;
  }

  std::mt19937 random_;
  int names_ = 0;
};

std::string AsciiLower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return text;
}

bool HasOneOf(const Regex::RequiredLiterals& required, const std::string& text) {
  const std::string searched = required.fold_case ? AsciiLower(text) : text;
  return std::any_of(required.any_of.begin(), required.any_of.end(),
                     [&](const std::string& s) { return searched.find(s) != std::string::npos; });
}

TEST(RegexLiteralsTest, NeverMissesATextThatMatches) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  SampleGenerator generator(seed);
  size_t useful = 0;
  for (int i = 0; i < 30'000; ++i) {
    const SampleGenerator::Part part = generator.Expression(2, false);
    const auto regex = Regex::Compile(part.pattern);
    ASSERT_TRUE(regex.ok()) << part.pattern << " " << regex.status().ToString();
    const Regex::RequiredLiterals& required = (*regex)->required_literals();
    const auto& exact = (*regex)->literal_set();
    ASSERT_TRUE((*regex)->Matches(part.sample)) << part.pattern << "  " << part.sample;
    for (const std::string& text :
         {part.sample, generator.Noise() + part.sample + generator.Noise(), generator.Noise()}) {
      if (required.any_of.empty() || !(*regex)->Matches(text)) continue;
      ++useful;
      ASSERT_TRUE(HasOneOf(required, text)) << part.pattern << "  " << text;
    }
    if (exact.has_value()) {
      EXPECT_TRUE(std::binary_search(exact->begin(), exact->end(), part.sample)) << part.pattern;
      const auto whole = Regex::Compile(part.pattern, Regex::Anchor::kBoth);
      for (const std::string& text : *exact) EXPECT_TRUE((*whole)->Matches(text)) << part.pattern;
    }
  }
  EXPECT_GT(useful, 10'000u);
}

TEST(RegexLiteralsTest, TellsWhichLiteralsSuffice) {
  const struct {
    std::string pattern;
    Texts sufficient;
  } rows[] = {
      {"(?i)EXHAUSTED|slow query", {"exhausted", "slow query"}},
      {"(?i:Task)", {"task"}},
      {"(?i)[ks]1", {"k1", "s1"}},
      {"(?i)404", {"404"}},
      {"error", {}},       // literal_set() has it.
      {"a(?i)b", {}},      // An A does not match.
      {"1(?i)b", {"1b"}},  // A 1 has no case.
      {"(?i)a(?-i)b", {}},
      {"(?i)a.c", {}},
      {"(?i)ab+", {}},
      {"(?i)^ab", {}},
      {"(?i)\\bab", {}},
      {"(?i)\u00e9t\u00e9", {}},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(AnalyseLiterals(row.pattern).sufficient, row.sufficient) << row.pattern;
  }
  const auto whole = Regex::Compile("(?i)ab", Regex::Anchor::kBoth);
  EXPECT_TRUE((*whole)->sufficient_literals().empty());  // "xab" does not match.
}

TEST(RegexLiteralsTest, WhateverContainsASufficientLiteralMatches) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  SampleGenerator generator(seed);
  std::mt19937 random(seed);
  size_t useful = 0;
  for (int i = 0; i < 30'000; ++i) {
    const std::string pattern = (i % 4 == 0 ? "" : "(?i)") + generator.Expression(1, false).pattern;
    const auto regex = Regex::Compile(pattern);
    ASSERT_TRUE(regex.ok()) << pattern;
    for (std::string text : (*regex)->sufficient_literals()) {
      for (char& c : text) {
        if (c >= 'a' && c <= 'z' && random() % 2 == 0) c = static_cast<char>(c - 'a' + 'A');
      }
      const std::string line = generator.Noise() + text + generator.Noise();
      ASSERT_TRUE((*regex)->Matches(line)) << pattern << "  " << line;
      ++useful;
    }
  }
  EXPECT_GT(useful, 3'000u);
}

}  // namespace
}  // namespace skald
