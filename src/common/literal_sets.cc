#include "common/literal_sets.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace skald {
namespace {

constexpr size_t kMaxExact = 32;         // Texts in an exact set.
constexpr size_t kMaxExactLength = 256;  // Bytes of the longest of them.

// Whether `a` narrows a search more than `b` does.
bool IsBetter(const LiteralTexts& a, const LiteralTexts& b) {
  const size_t length_a = ShortestLength(a);
  const size_t length_b = ShortestLength(b);
  if (length_a != length_b) return length_a > length_b;
  return length_a != 0 && a.size() < b.size();
}

}  // namespace

size_t ShortestLength(const LiteralTexts& texts) {
  size_t shortest = SIZE_MAX;
  for (const std::string& text : texts) shortest = std::min(shortest, text.size());
  return texts.empty() ? 0 : shortest;
}

void SortUnique(LiteralTexts& texts) {
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
}

// An empty text among them says nothing.
LiteralTexts RequiredLiterals(const LiteralSummary& summary) {
  const LiteralTexts& texts = summary.is_exact ? summary.exact : summary.any_of;
  return ShortestLength(texts) == 0 ? LiteralTexts() : texts;
}

LiteralSummary UniteLiterals(LiteralSummary a, LiteralSummary b) {
  if (a.is_exact && b.is_exact && a.exact.size() + b.exact.size() <= kMaxExact) {
    a.exact.insert(a.exact.end(), b.exact.begin(), b.exact.end());
    SortUnique(a.exact);
    return a;
  }
  LiteralTexts left = RequiredLiterals(a);
  const LiteralTexts right = RequiredLiterals(b);
  if (left.empty() || right.empty()) return LiteralSummary::Unknown();
  left.insert(left.end(), right.begin(), right.end());
  SortUnique(left);
  return {.is_exact = false, .exact = {}, .any_of = std::move(left)};
}

void LiteralSequence::Add(LiteralSummary part) {
  if (part.is_exact && Multiply(part.exact)) return;
  Offer(std::exchange(run_, LiteralTexts{""}));
  whole_ = false;
  if (part.is_exact) {
    run_ = std::move(part.exact);
  } else {
    Offer(std::move(part.any_of));
  }
}

LiteralSummary LiteralSequence::Finish() && {
  if (whole_) return LiteralSummary::Exactly(std::move(run_));
  Offer(std::move(run_));
  return {.is_exact = false, .exact = {}, .any_of = std::move(best_)};
}

bool LiteralSequence::Multiply(const LiteralTexts& texts) {
  if (run_.size() * texts.size() > kMaxExact) return false;
  LiteralTexts product;
  for (const std::string& head : run_) {
    for (const std::string& tail : texts) {
      if (head.size() + tail.size() > kMaxExactLength) return false;
      product.push_back(head + tail);
    }
  }
  run_ = std::move(product);
  return true;
}

void LiteralSequence::Offer(LiteralTexts texts) {
  if (IsBetter(texts, best_)) best_ = std::move(texts);
}

}  // namespace skald
