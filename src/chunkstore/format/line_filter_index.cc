#include "chunkstore/format/line_filter_index.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "chunkstore/format/gram_tile.h"
#include "chunkstore/format/line_grams.h"
#include "chunkstore/format/lz4_packer.h"

// The filter answers "can a line of this block hold this substring?", by grams (line_grams.h).
//
// A gram sets one bit: position = hash mod number of bits. With one bit a gram, a bitmap that is
// half full lets an absent gram pass every second time, an absent id of 16 hex digits (11 grams)
// once in 2,000 times. More bits a gram would fill the bitmap, and the budget is small.
//
// What lz4 has found to be a copy of earlier text needs no second look (AddUncopied): seven tenths
// of the bytes of logs.
//
// Grams are collected in a bitmap of 2^18 bits, which is then folded to its final length by
// or-ing word i into word i mod length; so the length may depend on how many grams there were,
// and no gram is hashed twice.
//
// Searches that ignore case fold as RE2 does, where K (U+212A) and long s (U+017F) equal k and s:
// lines with one of these are added a second time with the plain letter in its place.

namespace skald::chunkstore {
namespace {

constexpr std::string_view kKelvin = "\xe2\x84\xaa";
constexpr std::string_view kLongS = "\xc5\xbf";

// Bits given to each gram where the budget allows it: an absent gram passes every fourth time.
constexpr size_t kBitsPerGram = 4;
// Fuller than this and the filter is not worth reading.
constexpr double kMaxDensity = 0.97;

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
  copied_.assign(text.size() / GramTile::kStepBytes + 1, 0);
  if (!AddFolded<true>(text, copied_.data())) AddPlainLetters<true>(text);
}

void LineFilterBuilder::AddUncopied(std::string_view text, const std::vector<uint64_t>& copied) {
  static_assert(Lz4Packer::kBefore == kShortGram - 1);
  terms_missed_ = true;
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
  for (size_t i = 0; has_word_bits_ && i < kWords; ++i) {
    for (uint64_t word = word_bits_[i]; word != 0; word &= word - 1) {
      const auto hash =
          static_cast<uint32_t>(i * 64) + static_cast<uint32_t>(std::countr_zero(word));
      terms_.words.push_back(WordKey(hash));
    }
    bits_[i] |= std::exchange(word_bits_[i], 0);
  }
  has_word_bits_ = false;
  PackTerms taken = std::exchange(terms_, {});
  taken.known = !terms_missed_;
  terms_missed_ = false;
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
  has_word_bits_ |= kWithTerms;
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
  if (has_word_bits_) (void)TakeTerms();
  size_t grams = 0;
  for (const uint64_t word : bits_) grams += std::popcount(word);
  const size_t wanted = (grams * kBitsPerGram + 63) / 64;
  const size_t words = std::min({wanted, max_bytes / 8, kWords});

  std::string filter;
  if (words > 0) {
    std::vector<uint64_t> folded(words, 0);
    for (size_t begin = 0; begin < kWords; begin += words) {
      const size_t count = std::min(words, kWords - begin);
      for (size_t i = 0; i < count; ++i) folded[i] |= bits_[begin + i];
    }
    size_t set = 0;
    for (const uint64_t word : folded) set += std::popcount(word);
    filter.assign(reinterpret_cast<const char*>(folded.data()), words * sizeof folded[0]);
    if (static_cast<double>(set) > kMaxDensity * 64 * static_cast<double>(words)) filter.clear();
  }
  bits_.fill(0);
  terms_ = {};
  return filter;
}

}  // namespace skald::chunkstore
