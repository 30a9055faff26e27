#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace skald {

// The characters that may match at one place of an expression.
struct CharacterSet {
  // As written, where they are few and spelt out: `x`, `\n`, `[abc]`. Empty for other sets.
  std::vector<uint32_t> runes;
  bool fold = false;  // Under (?i), whose folding is applied to the two below already.
  // All ASCII characters that match, and perhaps more.
  std::bitset<128> ascii;
  // Whether others may match, or bytes that are no UTF-8.
  bool beyond_ascii = false;
};

// A part of a regular expression. Groups, laziness and names are gone: they do not change which
// texts match.
struct RegexNode {
  enum class Kind {
    kCharacter,     // One of `characters`.
    kLineStart,     // ^ and \A, whatever the mode.
    kLineEnd,       // $ and \z, whatever the mode.
    kWordBorder,    // \b
    kNoWordBorder,  // \B
    kSequence,      // All of `parts`; nothing at all if there are none.
    kAlternatives,  // One of `parts`.
    kRepeat,        // parts[0], `min` to `max` times; SIZE_MAX: no bound.
  };
  Kind kind = Kind::kSequence;
  CharacterSet characters = {};
  std::vector<RegexNode> parts = {};
  size_t min = 0;
  size_t max = 0;
};

// The tree of an expression, whose depth is bounded. Nothing if something was not understood.
// Requires: `pattern` is valid RE2 syntax.
std::optional<RegexNode> ParseRegexTree(std::string_view pattern);

// Whether an empty text matches, whatever stands around it: then every text has a match.
bool MatchesAnywhere(const RegexNode& node);

}  // namespace skald
