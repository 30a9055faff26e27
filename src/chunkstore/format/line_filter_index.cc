#include "chunkstore/format/line_filter_index.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <span>
#include <utility>

#include "chunkstore/format/gram_tile.h"
#include "chunkstore/format/line_filter.h"
#include "chunkstore/format/line_grams.h"
#include "chunkstore/format/lz4_packer.h"

// The filter answers "can a line of this block hold this substring?", by grams (line_grams.h).
//
// A gram sets one bit: position = hash mod number of bits. With one bit a gram, a bitmap that is
// half full lets an absent gram pass every second time, an absent id of 16 hex digits (11 grams)
// once in 2,000 times. More bits a gram would fill the bitmap, and the budget is small.
//
// Of a block that compresses well there are more grams than bits. With a load L of them a bit, all
// in one bitmap, 1 - e^-L of the absent ones pass: at 2.5, that of ids in compacted blocks, 92 %,
// and 40 % of ids of 16 digits. So those with a high hash are left out, and pass. With a share r
// kept r e^(-rL) of the absent ones are denied, which is most at r = 1/L: 15 % of the grams, and 17
// % of the ids pass. Grams of words are few beside those of ids and numbers, and so are those of a
// word that is looked for: they are kept, all of them, unless there are many.
//
// What lz4 has found to be a copy of earlier text needs no second look (AddUncopied): seven tenths
// of the bytes of logs.
//
// Grams are collected in a bitmap of 2^18 bits, which is then folded to its final length by
// or-ing word i into word i mod length; so the length and what is left out may depend on how many
// grams there were, and no gram is hashed twice.
//
// Searches that ignore case fold as RE2 does, where K (U+212A) and long s (U+017F) equal k and s:
// lines with one of these are added a second time with the plain letter in its place.

namespace skald::chunkstore {
namespace {

constexpr std::string_view kKelvin = "\xe2\x84\xaa";
constexpr std::string_view kLongS = "\xc5\xbf";

// Bits given to each gram where the budget allows it: an absent gram passes every fourth time.
constexpr size_t kBitsPerGram = 4;
// A filter that denies fewer of the absent grams is not worth reading.
constexpr double kMinDenied = 0.03;
// With fewer bits for each gram of a word, these are left out as others are.
constexpr size_t kBitsPerWordGram = 4;

// Finds runs that may be ids by the number bytes of steps. A run of kMinIdDigits bytes fills eight
// bytes somewhere that begin at a multiple of eight.
class RunFinder {
 public:
  explicit RunFinder(std::string_view text) : text_(text) {}

  // Calls `read` with where a run begins that has a byte in the step at text[offset]; it returns
  // where the run ends. Runs that are too short may come too, but none comes twice.
  template <typename Read>
  void Find(uint64_t numbers, size_t offset, const Read& read) {
    static_assert(kMinIdDigits >= 15);
    constexpr uint64_t kOnes = 0x0101010101010101ull;
    uint64_t full = (~numbers - kOnes) & numbers & (kOnes << 7);
    for (; full != 0; full &= full - 1) {
      const int lane = std::countr_zero(full) & ~7;
      const size_t at = offset + static_cast<size_t>(lane);
      if (at < end_ || at >= text_.size() || IsShort(numbers, lane)) continue;
      size_t begin = at;
      while (begin > end_ && IsRunByte(text_[begin - 1])) --begin;
      end_ = read(begin);
    }
  }

 private:
  // Whether the run lies within the step and is no id.
  static bool IsShort(uint64_t numbers, int lane) {
    const int after = lane + std::countr_one(numbers >> lane);
    const int before = lane == 0 ? 0 : std::countl_one(numbers << (64 - lane));
    return after < 64 && before < lane && after - lane + before < static_cast<int>(kMinIdDigits);
  }

  const std::string_view text_;
  size_t end_ = 0;  // Of the run read last.
};

inline void AddFour(const uint8_t* end, uint64_t* bits) {
  uint32_t gram;
  std::memcpy(&gram, end - 3, sizeof gram);
  const uint32_t hash = HashGram(gram);
  bits[hash / 64] |= uint64_t{1} << (hash % 64);
}

// Sets the bits of the grams that end in a step whose bytes are at `folded`.
inline void AddGrams(GramEnds ends, const uint8_t* folded, uint64_t* bits, uint64_t* word_bits) {
  for (; ends.of_four != 0; ends.of_four &= ends.of_four - 1) {
    AddFour(folded + std::countr_zero(ends.of_four), bits);
  }
  for (; ends.of_words != 0; ends.of_words &= ends.of_words - 1) {
    AddFour(folded + std::countr_zero(ends.of_words), word_bits);
  }
  for (; ends.of_six != 0; ends.of_six &= ends.of_six - 1) {
    uint64_t gram;
    std::memcpy(&gram, folded + std::countr_zero(ends.of_six) - 7, sizeof gram);
    const uint32_t hash = HashGram(gram >> 16);
    bits[hash / 64] |= uint64_t{1} << (hash % 64);
  }
}

size_t BitsSet(std::span<const uint64_t> words) {
  size_t set = 0;
  for (const uint64_t word : words) set += static_cast<size_t>(std::popcount(word));
  return set;
}

void FoldInto(std::span<const uint64_t> bits, std::vector<uint64_t>& folded) {
  for (size_t begin = 0; begin < bits.size(); begin += folded.size()) {
    const size_t count = std::min(folded.size(), bits.size() - begin);
    for (size_t i = 0; i < count; ++i) folded[i] |= bits[begin + i];
  }
}

// How many of the first words of `bits` must be folded into what is in `folded`, so that of absent
// grams the most are denied.
size_t WordsToKeep(std::span<const uint64_t> bits, std::vector<uint64_t> folded) {
  if (BitsSet(bits) <= 64 * folded.size()) return bits.size();  // The best share is 1.
  size_t best = 0;
  size_t best_denied = 0;
  for (size_t end = 0; end < bits.size();) {
    const size_t begin = end;
    end = std::min(begin + folded.size(), bits.size());
    FoldInto(bits.subspan(begin, end - begin), folded);
    const size_t denied = end * (64 * folded.size() - BitsSet(folded));
    if (denied > best_denied) {
      best = end;
      best_denied = denied;
    }
  }
  return best;
}

void ReplaceEvery(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// The text with plain letters in place of those that equal them without case; empty if it has none
// of these.
std::string WithPlainLetters(std::string_view text) {
  if (text.find(kKelvin) == std::string_view::npos && text.find(kLongS) == std::string_view::npos) {
    return {};
  }
  std::string plain(text);
  ReplaceEvery(plain, kKelvin, "k");
  ReplaceEvery(plain, kLongS, "s");
  return plain;
}

}  // namespace

void LineFilterBuilder::Add(std::string_view text) {
  if (words_ == Words::kNone) words_ = Words::kApart;
  copied_.assign(text.size() / GramTile::kStepBytes + 1, 0);
  if (!AddFolded<true>(text, copied_.data())) AddPlainLetters<true>(text);
}

void LineFilterBuilder::AddUncopied(std::string_view text, const std::vector<uint64_t>& copied) {
  static_assert(Lz4Packer::kBefore == kShortGram - 1);
  words_ = Words::kMixed;
  if (!AddFolded<false>(text, copied.data())) AddPlainLetters<false>(text);
}

template <bool kWithTerms>
void LineFilterBuilder::AddPlainLetters(std::string_view text) {
  const std::string plain = WithPlainLetters(text);
  if (plain.empty()) return;
  copied_.assign(plain.size() / GramTile::kStepBytes + 1, 0);
  AddFolded<kWithTerms>(plain, copied_.data());
}

void LineFilterBuilder::AddTerms(std::string_view text) {
  AddPlainTerms(text);
  if (const std::string plain = WithPlainLetters(text); !plain.empty()) AddPlainTerms(plain);
}

void LineFilterBuilder::AddPlainTerms(std::string_view text) {
  ForEachWordGram(text, [&](uint32_t hash) { terms_.words.push_back(WordKey(hash)); });
  for (size_t at = 0; at < text.size();) {
    at = IsRunByte(text[at]) ? AddRun(text, at) : at + 1;
  }
}

size_t LineFilterBuilder::AddRun(std::string_view text, size_t begin) {
  const size_t end = run_.Read(text, begin);
  if (const int id_class = run_.Class(); id_class >= 0) {
    terms_.id_classes |= static_cast<uint8_t>(1 << id_class);
    run_.AppendKeys(id_class, terms_.ids);
  }
  return end;
}

PackTerms LineFilterBuilder::TakeTerms() {
  for (size_t i = 0; words_ != Words::kNone && i < kWords; ++i) {
    for (uint64_t word = word_bits_[i]; word != 0; word &= word - 1) {
      const auto hash =
          static_cast<uint32_t>(i * 64) + static_cast<uint32_t>(std::countr_zero(word));
      terms_.words.push_back(WordKey(hash));
    }
  }
  PackTerms taken = std::exchange(terms_, {});
  taken.known = words_ != Words::kMixed;
  std::ranges::sort(taken.words);
  taken.words.erase(std::unique(taken.words.begin(), taken.words.end()), taken.words.end());
  return taken;
}

template <bool kWithTerms>
bool LineFilterBuilder::AddFolded(std::string_view text, const uint64_t* copied) {
  GramTile tile;
  const std::string_view whole = text;
  RunFinder runs(whole);
  size_t offset = 0;  // Of the step in the text.
  uint64_t copied_before = 0;
  bool ascii = true;
  while (!text.empty()) {
    const size_t count = tile.Load<kWithTerms>(text);
    for (size_t i = 0; i < count; ++i, ++copied, offset += GramTile::kStepBytes) {
      GramEnds ends = tile.ends(i);
      const uint64_t five = *copied & Back(*copied, copied_before, 1);
      ends.of_four &= ~*copied;
      ends.of_words &= ~*copied;
      ends.of_six &= ~(five & Back(*copied, copied_before, 2));
      copied_before = *copied;
      ascii &= tile.ascii(i);
      AddGrams(ends, tile.folded(i), bits_.data(), word_bits_.data());
      if constexpr (kWithTerms) {
        runs.Find(tile.numbers(i), offset, [&](size_t begin) { return AddRun(whole, begin); });
      }
    }
  }
  return ascii;
}

std::string LineFilterBuilder::Finish(size_t max_bytes) {
  const size_t room = max_bytes - std::min(max_bytes, LineFilter::kLimitsBytes);
  size_t grams = 0;
  for (size_t i = 0; i < kWords; ++i) grams += std::popcount(bits_[i] | word_bits_[i]);
  const size_t wanted = (grams * kBitsPerGram + 63) / 64;
  size_t length = std::min({wanted, room / 8, kWords});
  if (length * 8 >= kMinPartedBytes) {  // It has to be cut, and each part has the limits.
    length = std::min(length, (max_bytes - kLineFilterParts * LineFilter::kLimitsBytes) / 8);
    length -= length % kLineFilterParts;
  }
  std::string filter;
  if (length > 0) filter = Fold(length);
  bits_.fill(0);
  word_bits_.fill(0);
  words_ = Words::kNone;
  terms_ = {};
  return filter;
}

std::string LineFilterBuilder::Fold(size_t length) {
  uint32_t word_limit = LineFilter::kNoLimit;
  std::vector<uint64_t> folded(length, 0);
  const bool all_words =
      words_ == Words::kApart && BitsSet(word_bits_) * kBitsPerWordGram <= 64 * length;
  if (all_words) {
    FoldInto(word_bits_, folded);
  } else {
    for (size_t i = 0; i < kWords; ++i) bits_[i] |= word_bits_[i];
  }
  const size_t kept = WordsToKeep(bits_, folded);
  FoldInto(std::span(bits_).first(kept), folded);
  const auto other_limit = static_cast<uint32_t>(64 * kept);
  if (!all_words) word_limit = other_limit;

  const double empty = 1 - static_cast<double>(BitsSet(folded)) / static_cast<double>(64 * length);
  const double told = static_cast<double>(std::max(word_limit, other_limit)) / LineFilter::kNoLimit;
  if (empty * told < kMinDenied) return {};
  return EncodeLineFilter({reinterpret_cast<const char*>(folded.data()), length * sizeof folded[0]},
                          word_limit, other_limit);
}

}  // namespace skald::chunkstore
