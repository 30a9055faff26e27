// Derives literals that every match must contain.
//
// Each part of the expression is summed up as either the exact set of the texts that it matches,
// while that set is small, or as "any_of": texts of which each match contains at least one (empty:
// nothing known). Concatenation multiplies exact sets; when one grows too large, or meets a part
// that is not exact, it is turned into any_of, and of all the any_of along a concatenation the one
// whose shortest text is longest is kept. An alternation unites its branches.
//
//   (foo|bar)+baz\d   exact{foo,bar} -> + -> any_of{foo,bar}; exact{baz}; any_of{baz} or {foo,bar}
//   a[bc]d            exact{abd, acd}
//
// Folding: RE2's (?i) folds by Unicode, searches by ASCII. So when (?i) occurs anywhere, all ASCII
// letters are lower-cased, and under (?i) the letters k and s (equal to U+212A and U+017F) and
// everything past ASCII count as "any character". Where all of the expression is a set under (?i),
// its literals folded by ASCII are not required, but they suffice: "slow" matches (?i)SLOW without
// a look at what else does.
#include "common/regex_literals.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "common/literal_sets.h"
#include "common/regex_tree.h"
#include "common/utf8.h"

namespace skald {
namespace {

using Summary = LiteralSummary;
using Kind = RegexNode::Kind;

Summary AtLeastOnce(const Summary& atom) {
  return {.is_exact = false, .exact = {}, .any_of = RequiredLiterals(atom)};
}

Summary Counted(Summary atom, size_t min, size_t max) {
  if (!atom.is_exact) return atom;
  constexpr size_t kUnrolled = 16;
  LiteralSequence sequence;
  for (size_t i = 0; i < std::min(min, kUnrolled); ++i) sequence.Add(atom);
  if (min > kUnrolled || max != min) sequence.Add(Summary::Unknown());
  return std::move(sequence).Finish();
}

// What literals are to be good for.
enum class Aim {
  kRequired,    // Every match contains one.
  kSufficient,  // What contains one matches, once ASCII letters are folded.
};

class Analyser {
 public:
  explicit Analyser(bool any_folding, Aim aim = Aim::kRequired)
      : any_folding_(any_folding), aim_(aim) {}

  Summary Of(const RegexNode& node) {
    switch (node.kind) {
      case Kind::kCharacter:
        return Character(node.characters);
      case Kind::kSequence: {
        LiteralSequence sequence;
        for (const RegexNode& part : node.parts) sequence.Add(Of(part));
        return std::move(sequence).Finish();
      }
      case Kind::kAlternatives: {
        Summary all = Of(node.parts[0]);
        for (size_t i = 1; i < node.parts.size(); ++i) {
          all = UniteLiterals(std::move(all), Of(node.parts[i]));
        }
        return all;
      }
      case Kind::kRepeat:
        return Repeat(node);
      default:
        has_assertions_ = true;
        return Summary();
    }
  }

  bool has_assertions() const { return has_assertions_; }

 private:
  Summary Character(const CharacterSet& set) const {
    if (set.runes.empty()) return Summary::Unknown();
    LiteralTexts texts;
    for (const uint32_t rune : set.runes) {
      const bool upper = rune >= 'A' && rune <= 'Z';
      const uint32_t lower = upper ? rune + ('a' - 'A') : rune;
      const bool letter = lower >= 'a' && lower <= 'z';
      const bool inexact = aim_ == Aim::kSufficient
                               ? rune >= 0x80 || (letter && !set.fold)
                               : set.fold && (rune >= 0x80 || lower == 'k' || lower == 's');
      // U+FFFD matches bytes that are no UTF-8 too.
      if (inexact || rune == kReplacementRune) return Summary::Unknown();
      AppendRune(texts.emplace_back(), any_folding_ ? lower : rune);
    }
    SortUnique(texts);
    return Summary::Exactly(std::move(texts));
  }

  Summary Repeat(const RegexNode& node) {
    Summary atom = Of(node.parts[0]);
    if (node.min == 0) {
      return node.max == 1 ? UniteLiterals(std::move(atom), Summary()) : Summary::Unknown();
    }
    if (node.min == 1 && node.max == SIZE_MAX) return AtLeastOnce(atom);
    return Counted(std::move(atom), node.min, node.max);
  }

  const bool any_folding_;
  const Aim aim_;
  bool has_assertions_ = false;
};

// Whether (?i) may occur: some group opens with flags of which one is an i.
bool MayFold(std::string_view pattern) {
  for (size_t at = pattern.find("(?"); at != std::string_view::npos;
       at = pattern.find("(?", at + 2)) {
    const std::string_view flags = pattern.substr(at + 2);
    const size_t end = flags.find_first_not_of("imsU-");
    if (flags.substr(0, end).find('i') != std::string_view::npos) return true;
  }
  return false;
}

LiteralTexts SufficientLiterals(const RegexNode& tree) {
  Analyser analyser(/*any_folding=*/true, Aim::kSufficient);
  Summary summary = analyser.Of(tree);
  if (!summary.is_exact || analyser.has_assertions()) return {};
  SortUnique(summary.exact);
  return summary.exact;
}

}  // namespace

RegexLiterals AnalyseLiterals(std::string_view pattern) {
  const bool fold = MayFold(pattern);
  RegexLiterals literals;
  const std::optional<RegexNode> tree = ParseRegexTree(pattern);
  if (!tree) return literals;
  Analyser analyser(fold);
  const Summary summary = analyser.Of(*tree);
  literals.matches_all = MatchesAnywhere(*tree);
  literals.required.any_of = RequiredLiterals(summary);
  SortUnique(literals.required.any_of);
  literals.required.fold_case = fold;
  if (summary.is_exact && !fold && !analyser.has_assertions()) {
    literals.exact = summary.exact;
    SortUnique(*literals.exact);
  }
  if (fold) literals.sufficient = SufficientLiterals(*tree);
  return literals;
}

}  // namespace skald
