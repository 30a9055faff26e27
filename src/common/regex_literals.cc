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

#include "common/utf8.h"

namespace skald {
namespace {

constexpr size_t kMaxExact = 32;         // Texts in an exact set.
constexpr size_t kMaxExactLength = 256;  // Bytes of the longest of them.
constexpr int kMaxDepth = 200;           // Of groups; RE2 allows 1000.
constexpr uint32_t kMaxClassRunes = 8;   // A class with more counts as any character.

using Texts = std::vector<std::string>;

struct Summary {
  bool is_exact = true;
  Texts exact{""};  // Meaningful when is_exact.
  Texts any_of;     // Meaningful otherwise; empty when nothing is known.

  static Summary Unknown() { return {.is_exact = false, .exact = {}, .any_of = {}}; }
  static Summary Exactly(Texts texts) { return {.is_exact = true, .exact = std::move(texts)}; }
};

size_t ShortestLength(const Texts& texts) {
  size_t shortest = SIZE_MAX;
  for (const std::string& text : texts) shortest = std::min(shortest, text.size());
  return texts.empty() ? 0 : shortest;
}

// Whether `a` narrows a search more than `b` does.
bool IsBetter(const Texts& a, const Texts& b) {
  const size_t length_a = ShortestLength(a);
  const size_t length_b = ShortestLength(b);
  if (length_a != length_b) return length_a > length_b;
  return length_a != 0 && a.size() < b.size();
}

// What must be contained, of a part's summary. An empty text among them says nothing.
Texts Required(const Summary& summary) {
  const Texts& texts = summary.is_exact ? summary.exact : summary.any_of;
  return ShortestLength(texts) == 0 ? Texts() : texts;
}

void SortUnique(Texts& texts) {
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
}

// The sum of parts that follow each other, built from left to right.
class Sequence {
 public:
  void Add(Summary part) {
    if (part.is_exact && Multiply(part.exact)) return;
    Offer(std::exchange(run_, Texts{""}));
    whole_ = false;
    if (part.is_exact) {
      run_ = std::move(part.exact);
    } else {
      Offer(std::move(part.any_of));
    }
  }

  Summary Finish() && {
    if (whole_) return Summary::Exactly(std::move(run_));
    Offer(std::move(run_));
    return {.is_exact = false, .exact = {}, .any_of = std::move(best_)};
  }

 private:
  // False, with nothing changed, when the product would be too large.
  bool Multiply(const Texts& texts) {
    if (run_.size() * texts.size() > kMaxExact) return false;
    Texts product;
    for (const std::string& head : run_) {
      for (const std::string& tail : texts) {
        if (head.size() + tail.size() > kMaxExactLength) return false;
        product.push_back(head + tail);
      }
    }
    run_ = std::move(product);
    return true;
  }

  void Offer(Texts texts) {
    if (IsBetter(texts, best_)) best_ = std::move(texts);
  }

  Texts run_{""};  // The product of the exact parts seen last.
  Texts best_;
  bool whole_ = true;  // run_ is all there was.
};

Summary Unite(Summary a, Summary b) {
  if (a.is_exact && b.is_exact && a.exact.size() + b.exact.size() <= kMaxExact) {
    a.exact.insert(a.exact.end(), b.exact.begin(), b.exact.end());
    SortUnique(a.exact);
    return a;
  }
  Texts left = Required(a);
  const Texts right = Required(b);
  if (left.empty() || right.empty()) return Summary::Unknown();
  left.insert(left.end(), right.begin(), right.end());
  SortUnique(left);
  return {.is_exact = false, .exact = {}, .any_of = std::move(left)};
}

struct Flags {
  bool fold = false;
  bool dot_newline = false;
};

// A recursive descent over syntax that RE2 has accepted.
class Analyser {
 public:
  Analyser(std::string_view pattern, bool any_folding)
      : rest_(pattern), any_folding_(any_folding) {}

  // The whole expression; Unknown when something was not understood.
  Summary Run() {
    Summary summary = Alternation(Flags{}, 0);
    return failed_ || !rest_.empty() ? Summary::Unknown() : summary;
  }

  bool has_assertions() const { return has_assertions_; }
  bool failed() const { return failed_ || !rest_.empty(); }

 private:
  bool At(std::string_view text) const { return rest_.starts_with(text); }

  bool Take(std::string_view text) {
    if (!At(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  Summary Fail() {
    failed_ = true;
    rest_ = {};
    return Summary::Unknown();
  }

  // Gives up before an operator that would reach back past what was read last, as the star in
  // `a(?i)*` does.
  void RefuseRepetition() {
    if (At("*") || At("+") || At("?") || At("{")) Fail();
  }

  // Branches up to ")" or the end. Flags set inside hold to the end of the group, later branches
  // included.
  Summary Alternation(Flags flags, int depth) {
    if (depth > kMaxDepth) return Fail();
    Summary all = Concatenation(flags, depth);
    while (Take("|")) all = Unite(std::move(all), Concatenation(flags, depth));
    return all;
  }

  Summary Concatenation(Flags& flags, int depth) {
    Sequence sequence;
    while (!rest_.empty() && !At("|") && !At(")")) {
      if (Take("\\Q")) {
        AddQuoted(flags, sequence);
      } else {
        Summary atom = Atom(flags, depth);
        sequence.Add(Repeated(std::move(atom)));
      }
    }
    return std::move(sequence).Finish();
  }

  void AddQuoted(const Flags& flags, Sequence& sequence) {
    if (Take("\\E")) return RefuseRepetition();
    while (!rest_.empty() && !Take("\\E")) {
      Summary literal = Literal(TakeRune(), flags);
      if (At("\\E")) {
        Take("\\E");
        sequence.Add(Repeated(std::move(literal)));  // `\Qab\E+` repeats the b.
        return;
      }
      sequence.Add(std::move(literal));
    }
  }

  uint32_t TakeRune() {
    const Rune rune = DecodeRune(rest_);
    if (!rune.valid) failed_ = true;
    rest_.remove_prefix(rune.length);
    return rune.value;
  }

  Summary Atom(Flags& flags, int depth) {
    if (Take("(")) return Group(flags, depth);
    if (Take("[")) return Class(flags);
    if (Take(".")) return Summary::Unknown();
    if (Take("^") || Take("$")) return Assertion();
    if (Take("\\")) return Escape(flags);
    return Literal(TakeRune(), flags);
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
    if (!Take("?")) return CloseGroup(Alternation(flags, depth + 1));
    if (At("P<") || At("<")) {
      const size_t end = rest_.find('>');
      if (end == std::string_view::npos) return Fail();
      rest_.remove_prefix(end + 1);
      return CloseGroup(Alternation(flags, depth + 1));
    }
    Flags inner = flags;
    bool value = true;
    while (!rest_.empty()) {
      const char c = rest_[0];
      rest_.remove_prefix(1);
      switch (c) {
        case 'i':
          inner.fold = value;
          break;
        case 's':
          inner.dot_newline = value;
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
          return Summary();
        case ':':
          return CloseGroup(Alternation(inner, depth + 1));
        default:
          return Fail();
      }
    }
    return Fail();
  }

  Summary CloseGroup(Summary summary) { return Take(")") ? std::move(summary) : Fail(); }

  // After "\". Classes and whatever has arguments count as any character.
  Summary Escape(const Flags& flags) {
    if (rest_.empty()) return Fail();
    const uint32_t rune = TakeRune();
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
        return UnicodeClass();
      default: {
        const std::optional<uint32_t> escaped = EscapedRune(rune);
        return escaped ? Literal(*escaped, flags) : Fail();
      }
    }
  }

  Summary UnicodeClass() {
    if (!Take("{")) {
      if (rest_.empty()) return Fail();
      TakeRune();
      return Summary::Unknown();
    }
    const size_t end = rest_.find('}');
    if (end == std::string_view::npos) return Fail();
    rest_.remove_prefix(end + 1);
    return Summary::Unknown();
  }

  // The character that backslash and `rune` (taken already) stand for.
  std::optional<uint32_t> EscapedRune(uint32_t rune) {
    switch (rune) {
      case 'a':
        return '\a';
      case 'f':
        return '\f';
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      case 'v':
        return '\v';
      case 'x':
        return HexRune();
      default:
        break;
    }
    if (rune >= '0' && rune <= '7') return OctalRune(rune);
    const bool word = (rune >= 'a' && rune <= 'z') || (rune >= 'A' && rune <= 'Z') ||
                      (rune >= '0' && rune <= '9') || rune >= 0x80;
    if (word) return std::nullopt;
    return rune;
  }

  std::optional<uint32_t> HexRune() {
    size_t digits = 2;
    const bool braces = Take("{");
    if (braces) digits = rest_.find('}');
    if (digits == 0 || digits > 8 || digits > rest_.size()) return std::nullopt;
    uint32_t value = 0;
    for (const char c : rest_.substr(0, digits)) {
      const bool digit = c >= '0' && c <= '9';
      const char lower = static_cast<char>(c | 0x20);
      if (!digit && (lower < 'a' || lower > 'f')) return std::nullopt;
      value = value * 16 + static_cast<uint32_t>(digit ? c - '0' : lower - 'a' + 10);
    }
    rest_.remove_prefix(digits + (braces ? 1 : 0));
    if (value > 0x10ffff) return std::nullopt;
    return value;
  }

  // Up to three octal digits, `first` among them; a lone one from 1 to 7 would be a backreference.
  std::optional<uint32_t> OctalRune(uint32_t first) {
    uint32_t value = first - '0';
    for (int i = 0; i < 2 && !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '7'; ++i) {
      value = value * 8 + static_cast<uint32_t>(rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }

  // After "[". Small classes of plain characters are exact.
  Summary Class(const Flags& flags) {
    bool small = !Take("^");
    std::vector<uint32_t> runes;
    for (bool first = true; first || !At("]"); first = false) {
      if (rest_.empty()) return Fail();
      if (Take("[:")) {
        const size_t end = rest_.find(":]");
        if (end == std::string_view::npos) {  // A bracket and a colon, then.
          small = false;
          continue;
        }
        rest_.remove_prefix(end + 2);
        small = false;
        continue;
      }
      const std::optional<uint32_t> low = ClassRune();
      if (failed_) return Fail();
      std::optional<uint32_t> high = low;
      if (low && At("-") && !At("-]") && rest_.size() > 1) {
        Take("-");
        high = ClassRune();
      }
      if (!low || !high || *high < *low || *high - *low >= kMaxClassRunes) {
        small = false;
        continue;
      }
      for (uint32_t rune = *low; rune <= *high; ++rune) runes.push_back(rune);
    }
    Take("]");
    if (!small || runes.empty() || runes.size() > kMaxClassRunes) return Summary::Unknown();
    Texts texts;
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
    if (!Take("\\")) return TakeRune();
    if (rest_.empty()) {
      failed_ = true;
      return std::nullopt;
    }
    const uint32_t rune = TakeRune();
    if (rune == 'p' || rune == 'P') {
      UnicodeClass();
      return std::nullopt;
    }
    const std::optional<uint32_t> escaped = EscapedRune(rune);
    const bool perl_class = rune < 0x80 && std::string_view("dDwWsS").find(
                                               static_cast<char>(rune)) != std::string_view::npos;
    if (!escaped && !perl_class) failed_ = true;
    return escaped;
  }

  // `atom` with the repetition operators that follow it.
  Summary Repeated(Summary atom) {
    for (;;) {
      if (Take("*")) {
        Take("?");
        atom = Summary::Unknown();
      } else if (Take("+")) {
        Take("?");
        atom = AtLeastOnce(atom);
      } else if (Take("?")) {
        Take("?");
        atom = Unite(std::move(atom), Summary());
      } else if (At("{")) {
        const std::optional<Counts> counts = TakeCounts();
        if (!counts) return atom;  // A plain brace, which the next atom will take.
        Take("?");
        atom = Counted(std::move(atom), *counts);
      } else {
        return atom;
      }
    }
  }

  static Summary AtLeastOnce(const Summary& atom) {
    return {.is_exact = false, .exact = {}, .any_of = Required(atom)};
  }

  struct Counts {
    size_t min = 0;
    size_t max = 0;  // SIZE_MAX: no bound.
  };

  std::optional<Counts> TakeCounts() {
    std::string_view rest = rest_.substr(1);
    Counts counts;
    if (!TakeNumber(rest, counts.min)) return std::nullopt;
    counts.max = counts.min;
    if (rest.starts_with(',')) {
      rest.remove_prefix(1);
      counts.max = SIZE_MAX;
      if (!rest.starts_with('}') && !TakeNumber(rest, counts.max)) return std::nullopt;
    }
    if (!rest.starts_with('}')) return std::nullopt;
    rest_ = rest.substr(1);
    return counts;
  }

  static bool TakeNumber(std::string_view& rest, size_t& number) {
    size_t digits = 0;
    number = 0;
    while (digits < rest.size() && digits < 6 && rest[digits] >= '0' && rest[digits] <= '9') {
      number = number * 10 + static_cast<size_t>(rest[digits++] - '0');
    }
    const bool leading_zero = digits > 1 && rest[0] == '0';  // Then the brace is plain text.
    rest.remove_prefix(digits);
    return digits > 0 && !leading_zero;
  }

  static Summary Counted(Summary atom, Counts counts) {
    if (counts.min == 0) return Summary::Unknown();
    if (!atom.is_exact) return atom;
    constexpr size_t kUnrolled = 16;
    Sequence sequence;
    for (size_t i = 0; i < std::min(counts.min, kUnrolled); ++i) sequence.Add(atom);
    if (counts.min > kUnrolled || counts.max != counts.min) sequence.Add(Summary::Unknown());
    return std::move(sequence).Finish();
  }

  std::string_view rest_;
  const bool any_folding_;
  bool failed_ = false;
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
  literals.required.any_of = Required(summary);
  SortUnique(literals.required.any_of);
  literals.required.fold_case = fold;
  if (summary.is_exact && !fold && !analyser.has_assertions()) {
    literals.exact = summary.exact;
    SortUnique(*literals.exact);
  }
  return literals;
}

}  // namespace skald
