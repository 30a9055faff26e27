#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace skald {

using LiteralTexts = std::vector<std::string>;

// What is known of the texts that a part of a regular expression matches: all of them, while they
// are few and short, or else texts of which each match contains at least one.
struct LiteralSummary {
  bool is_exact = true;
  LiteralTexts exact{""};  // Meaningful when is_exact.
  LiteralTexts any_of;     // Meaningful otherwise; empty when nothing is known.

  static LiteralSummary Unknown() { return {.is_exact = false, .exact = {}, .any_of = {}}; }
  static LiteralSummary Exactly(LiteralTexts texts) {
    return {.is_exact = true, .exact = std::move(texts), .any_of = {}};
  }
};

// Bytes of the shortest text; 0 if there is none.
size_t ShortestLength(const LiteralTexts& texts);
void SortUnique(LiteralTexts& texts);

// What every match contains at least one of; empty when nothing is known.
LiteralTexts RequiredLiterals(const LiteralSummary& summary);

// Of a part that matches what `a` or `b` does.
LiteralSummary UniteLiterals(LiteralSummary a, LiteralSummary b);

// The sum of parts that follow each other, built from left to right. Exact sets are multiplied;
// when the product grows too large, or a part is not exact, the most telling of the sets met so
// far is kept as what is required.
//
// Order:   Add* Finish.
// Threads: not synchronised.
class LiteralSequence {
 public:
  void Add(LiteralSummary part);
  LiteralSummary Finish() &&;

 private:
  // False, with nothing changed, when the product would be too large.
  bool Multiply(const LiteralTexts& texts);
  void Offer(LiteralTexts texts);

  LiteralTexts run_{""};  // The product of the exact parts seen last.
  LiteralTexts best_;
  bool whole_ = true;  // run_ is all there was.
};

}  // namespace skald
