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
// everything past ASCII count as "any character".
#include "common/regex_literals.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "common/literal_sets.h"
#include "common/regex_reader.h"
#include "common/utf8.h"

namespace skald {
namespace {

using Summary = LiteralSummary;
using Counts = RegexReader::Counts;

constexpr int kMaxDepth = 200;          // Of groups; RE2 allows 1000.
constexpr uint32_t kMaxClassRunes = 8;  // A class with more counts as any character.

struct Flags {
  bool fold = false;
};

Summary AtLeastOnce(const Summary& atom) {
  return {.is_exact = false, .exact = {}, .any_of = RequiredLiterals(atom)};
}

Summary Counted(Summary atom, Counts counts) {
  if (counts.min == 0) return Summary::Unknown();
  if (!atom.is_exact) return atom;
  constexpr size_t kUnrolled = 16;
  LiteralSequence sequence;
  for (size_t i = 0; i < std::min(counts.min, kUnrolled); ++i) sequence.Add(atom);
  if (counts.min > kUnrolled || counts.max != counts.min) sequence.Add(Summary::Unknown());
  return std::move(sequence).Finish();
}

// A recursive descent over syntax that RE2 has accepted.
class Analyser {
 public:
  Analyser(std::string_view pattern, bool any_folding) : in_(pattern), any_folding_(any_folding) {}

  // The whole expression; Unknown when something was not understood.
  Summary Run() {
    Summary summary = Alternation(Flags{}, 0);
    return failed() ? Summary::Unknown() : summary;
  }

  bool has_assertions() const { return has_assertions_; }
  bool failed() const { return in_.failed() || !in_.at_end(); }

 private:
  Summary Fail() {
    in_.Fail();
    return Summary::Unknown();
  }

  // Gives up before an operator that would reach back past what was read last, as the star in
  // `a(?i)*` does.
  void RefuseRepetition() {
    if (in_.At("*") || in_.At("+") || in_.At("?") || in_.At("{")) in_.Fail();
  }

  // Branches up to ")" or the end. Flags set inside hold to the end of the group, later branches
  // included.
  Summary Alternation(Flags flags, int depth) {
    if (depth > kMaxDepth) return Fail();
    Summary all = Concatenation(flags, depth);
    while (in_.Take("|")) all = UniteLiterals(std::move(all), Concatenation(flags, depth));
    return all;
  }

  Summary Concatenation(Flags& flags, int depth) {
    LiteralSequence sequence;
    while (!in_.at_end() && !in_.At("|") && !in_.At(")")) {
      if (in_.Take("\\Q")) {
        AddQuoted(flags, sequence);
      } else {
        Summary atom = Atom(flags, depth);
        sequence.Add(Repeated(std::move(atom)));
      }
    }
    return std::move(sequence).Finish();
  }

  void AddQuoted(const Flags& flags, LiteralSequence& sequence) {
    if (in_.Take("\\E")) return RefuseRepetition();
    while (!in_.at_end() && !in_.Take("\\E")) {
      Summary literal = Literal(in_.TakeRune(), flags);
      if (in_.At("\\E")) {
        in_.Take("\\E");
        sequence.Add(Repeated(std::move(literal)));  // `\Qab\E+` repeats the b.
        return;
      }
      sequence.Add(std::move(literal));
    }
  }

  Summary Atom(Flags& flags, int depth) {
    if (in_.Take("(")) return Group(flags, depth);
    if (in_.Take("[")) return Class(flags);
    if (in_.Take(".")) return Summary::Unknown();
    if (in_.Take("^") || in_.Take("$")) return Assertion();
    if (in_.Take("\\")) return Escape(flags);
    return Literal(in_.TakeRune(), flags);
  }

  Summary Assertion() {
    has_assertions_ = true;
    return Summary();
  }

  Summary Literal(uint32_t rune, const Flags& flags) const {
    const bool ascii = rune < 0x80;
    const bool upper = rune >= 'A' && rune <= 'Z';
    const uint32_t lower = upper ? rune + ('a' - 'A') : rune;
    if (flags.fold && (!ascii || lower == 'k' || lower == 's')) return Summary::Unknown();
    if (rune == kReplacementRune)
      return Summary::Unknown();  // Matches bytes that are no UTF-8 too.
    std::string text;
    AppendRune(text, any_folding_ ? lower : rune);
    return Summary::Exactly({std::move(text)});
  }

  // After "(".
  Summary Group(Flags& flags, int depth) {
    if (!in_.Take("?")) return CloseGroup(Alternation(flags, depth + 1));
    if (in_.At("P<") || in_.At("<")) {
      in_.TakePast(">");
      return CloseGroup(Alternation(flags, depth + 1));
    }
    Flags inner = flags;
    bool value = true;
    while (!in_.at_end()) {
      switch (in_.TakeRune()) {
        case 'i':
          inner.fold = value;
          break;
        case 's':
        case 'm':
        case 'U':
          break;
        case '-':
          value = false;
          break;
        case ')':
          flags = inner;
          RefuseRepetition();
          return Summary();
        case ':':
          return CloseGroup(Alternation(inner, depth + 1));
        default:
          return Fail();
      }
    }
    return Fail();
  }

  Summary CloseGroup(Summary summary) { return in_.Take(")") ? std::move(summary) : Fail(); }

  // After "\". Classes and whatever has arguments count as any character.
  Summary Escape(const Flags& flags) {
    if (in_.at_end()) return Fail();
    const uint32_t rune = in_.TakeRune();
    switch (rune) {
      case 'A':
      case 'z':
      case 'b':
      case 'B':
        return Assertion();
      case 'd':
      case 'D':
      case 'w':
      case 'W':
      case 's':
      case 'S':
      case 'C':
        return Summary::Unknown();
      case 'p':
      case 'P':
        in_.TakeUnicodeClass();
        return Summary::Unknown();
      default: {
        const std::optional<uint32_t> escaped = in_.EscapedRune(rune);
        return escaped ? Literal(*escaped, flags) : Fail();
      }
    }
  }

  // After "[". Small classes of plain characters are exact.
  Summary Class(const Flags& flags) {
    bool small = !in_.Take("^");
    std::vector<uint32_t> runes;
    for (bool first = true; first || !in_.At("]"); first = false) {
      if (in_.at_end()) return Fail();
      if (in_.Take("[:")) {
        in_.TakePastIfAny(":]");  // Else it is a bracket and a colon.
        small = false;
        continue;
      }
      const std::optional<uint32_t> low = ClassRune();
      if (in_.failed()) return Fail();
      std::optional<uint32_t> high = low;
      if (low && in_.At("-") && !in_.At("-]")) {
        in_.Take("-");
        high = ClassRune();
      }
      if (!low || !high || *high < *low || *high - *low >= kMaxClassRunes) {
        small = false;
        continue;
      }
      for (uint32_t rune = *low; rune <= *high; ++rune) runes.push_back(rune);
    }
    in_.Take("]");
    if (!small || runes.empty() || runes.size() > kMaxClassRunes) return Summary::Unknown();
    LiteralTexts texts;
    for (const uint32_t rune : runes) {
      Summary literal = Literal(rune, flags);
      if (!literal.is_exact) return Summary::Unknown();
      texts.push_back(std::move(literal.exact[0]));
    }
    SortUnique(texts);
    return Summary::Exactly(std::move(texts));
  }

  // One character of a class; nothing for an escaped class such as \d.
  std::optional<uint32_t> ClassRune() {
    const bool escapes = in_.Take("\\");
    if (in_.at_end()) {
      in_.Fail();
      return std::nullopt;
    }
    if (!escapes) return in_.TakeRune();
    const uint32_t rune = in_.TakeRune();
    if (rune == 'p' || rune == 'P') {
      in_.TakeUnicodeClass();
      return std::nullopt;
    }
    const std::optional<uint32_t> escaped = in_.EscapedRune(rune);
    const bool perl_class = rune < 0x80 && std::string_view("dDwWsS").find(
                                               static_cast<char>(rune)) != std::string_view::npos;
    if (!escaped && !perl_class) in_.Fail();
    return escaped;
  }

  // `atom` with the repetition operators that follow it.
  Summary Repeated(Summary atom) {
    for (;;) {
      if (in_.Take("*")) {
        in_.Take("?");
        atom = Summary::Unknown();
      } else if (in_.Take("+")) {
        in_.Take("?");
        atom = AtLeastOnce(atom);
      } else if (in_.Take("?")) {
        in_.Take("?");
        atom = UniteLiterals(std::move(atom), Summary());
      } else if (in_.At("{")) {
        const std::optional<Counts> counts = in_.TakeCounts();
        if (!counts) return atom;  // A plain brace, which the next atom will take.
        in_.Take("?");
        atom = Counted(std::move(atom), *counts);
      } else {
        return atom;
      }
    }
  }

  RegexReader in_;
  const bool any_folding_;
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

}  // namespace

RegexLiterals AnalyseLiterals(std::string_view pattern) {
  const bool fold = MayFold(pattern);
  Analyser analyser(pattern, fold);
  const Summary summary = analyser.Run();
  RegexLiterals literals;
  if (analyser.failed()) return literals;
  literals.required.any_of = RequiredLiterals(summary);
  SortUnique(literals.required.any_of);
  literals.required.fold_case = fold;
  if (summary.is_exact && !fold && !analyser.has_assertions()) {
    literals.exact = summary.exact;
    SortUnique(*literals.exact);
  }
  return literals;
}

}  // namespace skald
