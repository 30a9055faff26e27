#include "chunkstore/format/literal_probe.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "chunkstore/format/pack_terms.h"

namespace skald::chunkstore {
namespace {

// Grams of a part that are enough to ask it first. Of fresh blocks half of the absent grams pass,
// so that one of 16 blocks without these does; of compacted ones, which leave grams out, more.
constexpr size_t kEnoughGrams = 4;

size_t GramsIn(size_t part, const std::vector<Gram>& grams) {
  return static_cast<size_t>(std::ranges::count_if(
      grams, [&](const Gram& gram) { return LineFilterPartOf(gram.hash) == part; }));
}

// The grams of one literal, in which '\n' parts what must not be joined.
std::vector<Gram> GramsOf(std::string_view text) {
  std::vector<Gram> grams;
  size_t line = 0;     // Bytes since a '\n', the last one included.
  size_t words = 0;    // Word bytes since another.
  size_t numbers = 0;  // Number bytes since another.
  uint64_t window = 0;
  for (const char c : text) {
    const uint8_t byte = FoldByte(static_cast<uint8_t>(c));
    line = byte == '\n' ? 0 : line + 1;
    words = IsWordByte(byte) ? words + 1 : 0;
    numbers = IsNumberByte(byte) ? numbers + 1 : 0;
    window = window >> 8 | static_cast<uint64_t>(byte) << 40;
    if (numbers >= kNumberGram) {
      grams.push_back({.hash = HashGram(window), .of_word = false});
    } else if (numbers < kShortGram && line >= kShortGram) {
      grams.push_back({.hash = HashGram(window >> 16), .of_word = words >= kShortGram});
    }
  }
  std::ranges::sort(grams);
  grams.erase(std::unique(grams.begin(), grams.end()), grams.end());
  return grams;
}

// Whether a three-byte character belongs to scripts without case: CJK, kana, Hangul.
bool IsCaseless(uint8_t first, uint8_t second) {
  if (first >= 0xe3 && first <= 0xe9) return true;  // U+3000 to U+9FFF
  return first >= 0xec || (first == 0xeb) || (first == 0xea && second >= 0xb0);
}

}  // namespace

std::string WithoutCasedCharacters(std::string_view literal) {
  std::string out(literal);
  for (size_t i = 0; i < out.size(); ++i) {
    const uint8_t first = static_cast<uint8_t>(out[i]);
    if (first < 0x80) continue;
    const bool three = first >= 0xe3 && first <= 0xed && i + 2 < out.size();
    if (three && IsCaseless(first, static_cast<uint8_t>(out[i + 1]))) {
      i += 2;
    } else {
      out[i] = '\n';
    }
  }
  return out;
}

std::vector<uint32_t> WordKeysOf(std::string_view text) {
  std::vector<uint32_t> keys;
  ForEachWordGram(text, [&](uint32_t hash) { keys.push_back(WordKey(hash)); });
  std::ranges::sort(keys);
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

LiteralProbe::LiteralProbe(const std::vector<model::RequiredLiteral>& literals) {
  for (const model::RequiredLiteral& literal : literals) {
    std::vector<Grams> alternatives;
    for (const std::string& text : literal.any_of) {
      alternatives.push_back(GramsOf(literal.fold_case ? WithoutCasedCharacters(text) : text));
    }
    // One alternative without grams may be anywhere, and so all of them together.
    const bool selective =
        !alternatives.empty() &&
        std::ranges::none_of(alternatives, [](const Grams& grams) { return grams.empty(); });
    if (selective) required_.push_back(std::move(alternatives));
  }
  first_parts_ = ChooseFirst();
}

LineFilterParts LiteralProbe::ChooseFirst() const {
  LineFilterParts best = kAllLineFilterParts;
  size_t most = kEnoughGrams - 1;
  for (size_t part = 0; part < kLineFilterParts; ++part) {
    for (const std::vector<Grams>& alternatives : required_) {
      size_t least = std::numeric_limits<size_t>::max();
      for (const Grams& grams : alternatives) least = std::min(least, GramsIn(part, grams));
      if (least <= most) continue;
      most = least;
      best = static_cast<LineFilterParts>(1 << part);
    }
  }
  return best;
}

bool LiteralProbe::MayMatch(const LineFilter& filter) const {
  if (filter.empty()) return true;
  const auto has = [&](const Gram& gram) { return filter.MayHave(gram); };
  return std::ranges::all_of(required_, [&](const std::vector<Grams>& alternatives) {
    return std::ranges::any_of(alternatives,
                               [&](const Grams& grams) { return std::ranges::all_of(grams, has); });
  });
}

}  // namespace skald::chunkstore
