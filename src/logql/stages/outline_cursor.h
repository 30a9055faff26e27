#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "model/line_excerpt.h"

namespace skald::logql {

// Whether a parser gets past a part of lines, whatever stands in the holes; worst last.
enum class Passing : uint8_t {
  kSurely,
  kPerhaps,    // It may find an error there, but where the part ends is known.
  kUndecided,  // The outline does not tell.
};

// A place in the text of an outline.
//
// Ownership: borrows the outline.
// Threads:   not synchronised.
class OutlineCursor {
 public:
  using Hole = model::LineOutline::Hole;
  static constexpr char kHole = '\0';

  explicit OutlineCursor(const model::LineOutline& outline)
      : text_(outline.text), holes_(outline.holes), last_quote_(text_.rfind('"')) {}

  size_t at() const { return at_; }
  size_t size() const { return text_.size(); }
  // What was passed since `begin`.
  std::string_view Since(size_t begin) const { return text_.substr(begin, at_ - begin); }
  bool AtEnd() const { return at_ == text_.size(); }
  // Requires: not AtEnd().
  char Peek() const { return text_[at_]; }
  bool Is(char c) const { return !AtEnd() && text_[at_] == c; }

  // Requires: not AtEnd(), and no hole comes.
  void Skip() { ++at_; }
  bool Take(char c) {
    if (!Is(c)) return false;
    ++at_;
    return true;
  }
  // Requires: a hole comes.
  const Hole& TakeHole() {
    ++at_;
    return holes_[hole_++];
  }

  // Passes over a text between double quotes, in which a backslash escapes what comes next; sets
  // `inside`, if it is asked for, to what is between them. A hole ends in a backslash only if the
  // quote behind it does not close the text, and then nor does any other: only the last quote of
  // the line is in doubt.
  Passing PassQuoted(std::string_view* inside = nullptr) {
    if (!Take('"')) return Passing::kUndecided;
    const size_t begin = at_;
    bool plain = true;
    if (Is(kHole)) {
      plain = TakeHole().plain;
      if (!Is('"')) return Passing::kUndecided;
    }
    while (!Is('"')) {
      if (Is('\\')) ++at_;
      if (AtEnd() || text_[at_] == kHole) return Passing::kUndecided;
      ++at_;
    }
    if (inside != nullptr) *inside = Since(begin);
    const bool last = at_++ == last_quote_;
    return plain || !last ? Passing::kSurely : Passing::kPerhaps;
  }

 private:
  const std::string_view text_;
  const std::vector<Hole>& holes_;
  const size_t last_quote_;
  size_t at_ = 0;
  size_t hole_ = 0;  // The next one.
};

}  // namespace skald::logql
