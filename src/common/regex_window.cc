// Derives a run of sets of bytes that every match must contain.
//
// Each part of the expression is summed up by the runs that its matches begin with, end with, and
// contain; where all matches are of one length, these are one run that says it all. In a sequence,
// the end of a part joins the beginning of the next. An alternation unites its branches place by
// place, as far as the shorter one goes.
//
//   ab+\d     begin: a b    end: b [0-9]    contained: the better of the two
//   ab|c\d    [ac] [b0-9]
//
// Borders of words and lines are left out, which makes no match impossible. A character past ASCII
// is one to four bytes, or one that is no UTF-8; so what allows any begins and ends with a byte of
// 0x80 or more, and is not of one length. A character that stands for itself is its bytes.
#include "common/regex_window.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "common/regex_tree.h"
#include "common/utf8.h"

namespace skald {
namespace {

using Kind = RegexNode::Kind;
using Run = std::vector<ByteSet>;

constexpr size_t kMaxPattern = 4096;  // Bytes; larger ones are not worth the time.
constexpr size_t kMaxRun = 64;        // Places of a part that is of one length.
constexpr size_t kMaxWindow = 6;      // Of the result, and so of the ends of other parts.

double ShareOf(const Run& run, size_t from, size_t count) {
  double share = 1;
  for (size_t i = from; i < from + count; ++i) share *= UsualShare(run[i]);
  return share;
}

// The part of the run, of at most kMaxWindow places, that logs have least.
Run BestWindow(const Run& run) {
  const size_t count = std::min(run.size(), kMaxWindow);
  size_t best = 0;
  for (size_t from = 1; from + count <= run.size(); ++from) {
    if (ShareOf(run, from, count) < ShareOf(run, best, count)) best = from;
  }
  const auto begin = run.begin() + static_cast<std::ptrdiff_t>(best);
  return Run(begin, begin + static_cast<std::ptrdiff_t>(count));
}

Run Better(Run a, Run b) {
  a = BestWindow(a);
  b = BestWindow(b);
  return ShareOf(b, 0, b.size()) < ShareOf(a, 0, a.size()) ? b : a;
}

Run Joined(const Run& a, const Run& b) {
  Run run = a;
  run.insert(run.end(), b.begin(), b.end());
  return run;
}

Run First(Run run, size_t count) {
  run.resize(std::min(run.size(), count));
  return run;
}
Run Last(const Run& run, size_t count) {
  return Run(run.end() - static_cast<std::ptrdiff_t>(std::min(run.size(), count)), run.end());
}

// Requires: equal lengths.
Run United(Run a, const Run& b) {
  for (size_t i = 0; i < a.size(); ++i) a[i] = a[i] | b[i];
  return a;
}

struct Summary {
  bool fixed = true;  // All matches are `begin`, and only that is meaningful.
  Run begin;
  Run end;
  Run best;

  static Summary Unknown() { return {.fixed = false}; }
  Summary Unfixed() && {
    if (!fixed) return std::move(*this);
    return {.fixed = false,
            .begin = First(begin, kMaxWindow),
            .end = Last(begin, kMaxWindow),
            .best = BestWindow(begin)};
  }
};

Summary InSequence(Summary a, Summary b) {
  if (a.fixed && b.fixed && a.begin.size() + b.begin.size() <= kMaxRun) {
    a.begin = Joined(a.begin, b.begin);
    return a;
  }
  const bool a_fixed = a.fixed;
  const bool b_fixed = b.fixed;
  a = std::move(a).Unfixed();
  b = std::move(b).Unfixed();
  Summary both{.fixed = false};
  both.best = Better(Better(std::move(a.best), std::move(b.best)), Joined(a.end, b.begin));
  both.begin = a_fixed ? First(Joined(a.begin, b.begin), kMaxWindow) : std::move(a.begin);
  both.end = b_fixed ? Last(Joined(a.end, b.end), kMaxWindow) : std::move(b.end);
  return both;
}

Summary Either(Summary a, Summary b) {
  if (a.fixed && b.fixed && a.begin.size() == b.begin.size()) {
    a.begin = United(std::move(a.begin), b.begin);
    return a;
  }
  a = std::move(a).Unfixed();
  b = std::move(b).Unfixed();
  const auto unite = [](const Run& x, const Run& y, auto&& cut) {
    const size_t length = std::min(x.size(), y.size());
    return United(cut(x, length), cut(y, length));
  };
  return {.fixed = false,
          .begin = unite(a.begin, b.begin, First),
          .end = unite(a.end, b.end, Last),
          .best = unite(a.best, b.best, First)};
}

Summary Of(const RegexNode& node);

Summary Character(const CharacterSet& set) {
  Summary summary;
  std::string text;
  if (set.runes.size() == 1 && !set.fold) AppendRune(text, set.runes[0]);
  if (!text.empty() && DecodeRune(text).value != kReplacementRune) {
    for (const char c : text) {
      ByteSet& byte = summary.begin.emplace_back();
      const auto value = static_cast<uint8_t>(c);
      byte.beyond_ascii = value >= 0x80;
      if (value < 0x80) byte.ascii.set(value);
    }
    return summary;
  }
  summary.begin = {{.ascii = set.ascii, .beyond_ascii = set.beyond_ascii}};
  return set.beyond_ascii ? std::move(summary).Unfixed() : summary;
}

Summary Repeat(const RegexNode& node) {
  if (node.min == 0) return Summary::Unknown();
  const Summary once = Of(node.parts[0]);
  Summary summary;
  const size_t unrolled = std::min(node.min, kMaxWindow);
  for (size_t i = 0; i < unrolled; ++i) summary = InSequence(std::move(summary), once);
  if (node.max == unrolled) return summary;
  return std::move(summary).Unfixed();  // There may be others between the first and the last.
}

Summary Of(const RegexNode& node) {
  switch (node.kind) {
    case Kind::kCharacter:
      return Character(node.characters);
    case Kind::kSequence: {
      Summary all;
      for (const RegexNode& part : node.parts) all = InSequence(std::move(all), Of(part));
      return all;
    }
    case Kind::kAlternatives: {
      Summary all = Of(node.parts[0]);
      for (size_t i = 1; i < node.parts.size(); ++i)
        all = Either(std::move(all), Of(node.parts[i]));
      return all;
    }
    case Kind::kRepeat:
      return Repeat(node);
    default:
      return Summary();
  }
}

}  // namespace

std::vector<ByteSet> RequiredWindow(std::string_view pattern) {
  if (pattern.size() > kMaxPattern) return {};
  const std::optional<RegexNode> tree = ParseRegexTree(pattern);
  if (!tree) return {};
  Run window = Of(*tree).Unfixed().best;
  if (ShareOf(window, 0, window.size()) > kTooFrequent) window.clear();
  return window;
}

}  // namespace skald
