#include "common/regex_tree.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/regex_reader.h"
#include "common/utf8.h"

namespace skald {
namespace {

using Ascii = std::bitset<128>;
using Kind = RegexNode::Kind;

constexpr int kMaxDepth = 200;          // Of groups; RE2 allows 1000.
constexpr size_t kMaxRepetitions = 8;   // Behind one another.
constexpr uint32_t kMaxClassRunes = 8;  // A class with more is not spelt out.

struct Flags {
  bool fold = false;
  bool dot_all = false;
};

Ascii AsciiRange(uint32_t low, uint32_t high) {
  Ascii set;
  for (uint32_t rune = low; rune <= high && rune < set.size(); ++rune) set.set(rune);
  return set;
}

Ascii Folded(Ascii set) {
  for (size_t upper = 'A'; upper <= 'Z'; ++upper) {
    const size_t lower = upper + ('a' - 'A');
    if (set[upper] || set[lower]) set.set(upper).set(lower);
  }
  return set;
}

// Letters that are equal to some past ASCII under (?i): U+212A and U+017F.
Ascii FoldedFromBeyond() { return Ascii().set('k').set('K').set('s').set('S'); }

Ascii PerlClass(uint32_t lower) {
  const Ascii digits = AsciiRange('0', '9');
  if (lower == 'd') return digits;
  if (lower == 's') return AsciiRange('\t', '\n') | AsciiRange('\f', '\r') | Ascii().set(' ');
  return digits | AsciiRange('a', 'z') | AsciiRange('A', 'Z') | Ascii().set('_');
}

bool IsPerlClass(uint32_t rune) {
  return rune < 0x80 &&
         std::string_view("dDwWsS").find(static_cast<char>(rune)) != std::string_view::npos;
}

// Members of a bracket, or of an escape such as \d: in ASCII at least `sure` and at most
// `possible`.
struct Members {
  Ascii sure;
  Ascii possible;
  bool beyond = false;

  void Add(const Members& other) {
    sure |= other.sure;
    possible |= other.possible;
    beyond = beyond || other.beyond;
  }
  static Members Any() { return {.sure = {}, .possible = Ascii().set(), .beyond = true}; }
  static Members Perl(uint32_t rune) {
    const bool negated = rune < 'a';
    const Ascii set = PerlClass(negated ? rune + ('a' - 'A') : rune);
    return {.sure = negated ? ~set : set, .possible = negated ? ~set : set, .beyond = negated};
  }
  static Members Range(uint32_t low, uint32_t high) {
    const Ascii set = AsciiRange(low, high);
    return {.sure = set, .possible = set, .beyond = high >= 0x80};
  }
  void Fold() {
    sure = Folded(sure);
    possible = Folded(possible);
    const bool reaches_beyond = (possible & FoldedFromBeyond()).any();
    if (beyond) possible |= FoldedFromBeyond();
    beyond = beyond || reaches_beyond;
  }
  void Negate() {
    possible = ~std::exchange(sure, ~possible);
    beyond = true;
  }
};

RegexNode OfMembers(const Members& members, bool fold) {
  return {
      .kind = Kind::kCharacter,
      .characters = {
          .runes = {}, .fold = fold, .ascii = members.possible, .beyond_ascii = members.beyond}};
}

RegexNode OfRune(uint32_t rune, const Flags& flags) {
  Members members = Members::Range(rune, rune);
  if (flags.fold) members.Fold();
  RegexNode node = OfMembers(members, flags.fold);
  node.characters.runes = {rune};
  return node;
}

// A recursive descent over syntax that RE2 has accepted.
class Parser {
 public:
  explicit Parser(std::string_view pattern) : in_(pattern) {}

  std::optional<RegexNode> Run() {
    Flags flags;
    RegexNode whole = Alternatives(flags, 0);
    if (in_.failed() || !in_.at_end()) return std::nullopt;
    return whole;
  }

 private:
  RegexNode Fail() {
    in_.Fail();
    return RegexNode();
  }

  // Gives up before an operator that would reach back past what was read last, as the star in
  // `a(?i)*` does.
  void RefuseRepetition() {
    if (in_.At("*") || in_.At("+") || in_.At("?") || in_.At("{")) in_.Fail();
  }

  // Branches up to ")" or the end. Flags set inside hold to the end of the group, later branches
  // included.
  RegexNode Alternatives(Flags flags, int depth) {
    if (depth > kMaxDepth) return Fail();
    RegexNode first = Sequence(flags, depth);
    if (!in_.At("|")) return first;
    RegexNode all{.kind = Kind::kAlternatives};
    all.parts.push_back(std::move(first));
    while (in_.Take("|")) all.parts.push_back(Sequence(flags, depth));
    return all;
  }

  RegexNode Sequence(Flags& flags, int depth) {
    RegexNode sequence;
    while (!in_.at_end() && !in_.At("|") && !in_.At(")")) {
      if (in_.Take("\\Q")) {
        AddQuoted(flags, sequence.parts);
      } else {
        RegexNode atom = Atom(flags, depth);
        sequence.parts.push_back(Repeated(std::move(atom)));
      }
    }
    return sequence;
  }

  void AddQuoted(const Flags& flags, std::vector<RegexNode>& parts) {
    if (in_.Take("\\E")) return RefuseRepetition();
    while (!in_.at_end() && !in_.Take("\\E")) {
      RegexNode literal = OfRune(in_.TakeRune(), flags);
      if (in_.Take("\\E")) {
        parts.push_back(Repeated(std::move(literal)));  // `\Qab\E+` repeats the b.
        return;
      }
      parts.push_back(std::move(literal));
    }
  }

  RegexNode Atom(Flags& flags, int depth) {
    if (in_.Take("(")) return Group(flags, depth);
    if (in_.Take("[")) return Class(flags);
    if (in_.Take("^")) return {.kind = Kind::kLineStart};
    if (in_.Take("$")) return {.kind = Kind::kLineEnd};
    if (in_.Take("\\")) return Escape(flags);
    if (in_.Take(".")) {
      Members any = Members::Any();
      if (!flags.dot_all) any.possible.reset('\n');
      return OfMembers(any, flags.fold);
    }
    return OfRune(in_.TakeRune(), flags);
  }

  // After "(".
  RegexNode Group(Flags& flags, int depth) {
    if (!in_.Take("?")) return CloseGroup(Alternatives(flags, depth + 1));
    if (in_.At("P<") || in_.At("<")) {
      in_.TakePast(">");
      return CloseGroup(Alternatives(flags, depth + 1));
    }
    Flags inner = flags;
    bool value = true;
    while (!in_.at_end()) {
      switch (in_.TakeRune()) {
        case 'i':
          inner.fold = value;
          break;
        case 's':
          inner.dot_all = value;
          break;
        case 'm':
        case 'U':
          break;
        case '-':
          value = false;
          break;
        case ')':
          flags = inner;
          RefuseRepetition();
          return RegexNode();
        case ':':
          return CloseGroup(Alternatives(inner, depth + 1));
        default:
          return Fail();
      }
    }
    return Fail();
  }

  RegexNode CloseGroup(RegexNode node) { return in_.Take(")") ? std::move(node) : Fail(); }

  // After "\".
  RegexNode Escape(const Flags& flags) {
    if (in_.at_end()) return Fail();
    const uint32_t rune = in_.TakeRune();
    if (IsPerlClass(rune)) return OfMembers(EscapedClass(rune, flags), flags.fold);
    switch (rune) {
      case 'A':
        return {.kind = Kind::kLineStart};
      case 'z':
        return {.kind = Kind::kLineEnd};
      case 'b':
        return {.kind = Kind::kWordBorder};
      case 'B':
        return {.kind = Kind::kNoWordBorder};
      case 'C':
        return OfMembers(Members::Any(), flags.fold);
      case 'p':
      case 'P':
        in_.TakeUnicodeClass();
        return OfMembers(Members::Any(), flags.fold);
      default: {
        const std::optional<uint32_t> escaped = in_.EscapedRune(rune);
        return escaped ? OfRune(*escaped, flags) : Fail();
      }
    }
  }

  static Members EscapedClass(uint32_t rune, const Flags& flags) {
    Members members = Members::Perl(rune);
    if (flags.fold) members.Fold();
    return members;
  }

  // After "[".
  RegexNode Class(const Flags& flags) {
    const bool negated = in_.Take("^");
    bool spelt_out = !negated;
    Members members;
    std::vector<uint32_t> runes;
    for (bool first = true; first || !in_.At("]"); first = false) {
      if (in_.at_end()) return Fail();
      if (in_.At("[:")) {
        in_.Take("[:");
        in_.TakePastIfAny(":]");  // Else it is a bracket and a colon.
        members.Add(Members::Any());
        spelt_out = false;
        continue;
      }
      spelt_out = AddRange(members, runes) && spelt_out;
      if (in_.failed()) return RegexNode();
    }
    in_.Take("]");
    if (flags.fold) members.Fold();
    if (negated) members.Negate();
    RegexNode node = OfMembers(members, flags.fold);
    if (spelt_out && runes.size() <= kMaxClassRunes) node.characters.runes = std::move(runes);
    return node;
  }

  // One member of a bracket: a character, a range, or a class. False if it has too many runes to
  // spell them out.
  bool AddRange(Members& members, std::vector<uint32_t>& runes) {
    const std::optional<uint32_t> low = ClassRune(members);
    if (!low || in_.failed()) return false;
    std::optional<uint32_t> high = low;
    if (in_.At("-") && !in_.At("-]")) {
      in_.Take("-");
      high = ClassRune(members);
    }
    if (!high || *high < *low) {
      members.Add(Members::Any());
      return false;
    }
    members.Add(Members::Range(*low, *high));
    if (*high - *low >= kMaxClassRunes) return false;
    for (uint32_t rune = *low; rune <= *high; ++rune) runes.push_back(rune);
    return true;
  }

  // One character of a bracket; nothing, with its members added, for an escaped class such as \d.
  std::optional<uint32_t> ClassRune(Members& members) {
    const bool escapes = in_.Take("\\");
    if (in_.at_end()) {
      in_.Fail();
      return std::nullopt;
    }
    if (!escapes) return in_.TakeRune();
    const uint32_t rune = in_.TakeRune();
    if (rune == 'p' || rune == 'P') {
      in_.TakeUnicodeClass();
      members.Add(Members::Any());
      return std::nullopt;
    }
    if (IsPerlClass(rune)) {
      members.Add(Members::Perl(rune));
      return std::nullopt;
    }
    const std::optional<uint32_t> escaped = in_.EscapedRune(rune);
    if (!escaped) in_.Fail();
    return escaped;
  }

  // `atom` with the repetition operators that follow it.
  RegexNode Repeated(RegexNode atom) {
    for (size_t count = 0; count < kMaxRepetitions; ++count) {
      RegexReader::Counts counts;
      if (in_.Take("*")) {
        counts = {.min = 0, .max = SIZE_MAX};
      } else if (in_.Take("+")) {
        counts = {.min = 1, .max = SIZE_MAX};
      } else if (in_.Take("?")) {
        counts = {.min = 0, .max = 1};
      } else if (const auto taken = in_.TakeCounts()) {
        counts = *taken;
      } else {
        return atom;  // A brace is plain text then, which the next atom will take.
      }
      in_.Take("?");
      RegexNode repeat{.kind = Kind::kRepeat, .min = counts.min, .max = counts.max};
      repeat.parts.push_back(std::move(atom));
      atom = std::move(repeat);
    }
    return Fail();
  }

  RegexReader in_;
};

}  // namespace

std::optional<RegexNode> ParseRegexTree(std::string_view pattern) { return Parser(pattern).Run(); }

bool MatchesAnywhere(const RegexNode& node) {
  switch (node.kind) {
    case Kind::kSequence:
      return std::all_of(node.parts.begin(), node.parts.end(), MatchesAnywhere);
    case Kind::kAlternatives:
      return std::any_of(node.parts.begin(), node.parts.end(), MatchesAnywhere);
    case Kind::kRepeat:
      return node.min == 0 || MatchesAnywhere(node.parts[0]);
    default:
      return false;
  }
}

}  // namespace skald
