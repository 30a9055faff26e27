#include "chunkstore/format/gram_tile.h"

#include <algorithm>
#include <cstring>

#include "chunkstore/format/line_grams.h"

#if defined(__SSE4_2__)
#include <smmintrin.h>
#endif

// What is told of a step goes to where it stays, number by number: what is copied as a whole would
// have to wait until its parts are written.

namespace skald::chunkstore {

#if defined(__SSE4_2__)
template <bool kWithWords>
void GramTile::FoldStep(const char* text, uint8_t* folded, Step& step) {
  // A byte is of a set if the tables share one of the set's bits at its low and at its high half.
  constexpr char kDotDash = 1, kDigitColon = 2, kHexLetter = 4, kToO = 8, kFromP = 16;
  constexpr char kUnderscore = 32;
  constexpr char kNumbers = kDotDash | kDigitColon | kHexLetter;
  constexpr char kAsciiWords = kToO | kFromP | kUnderscore;
  constexpr char kLow0 = kDigitColon | kFromP;
  constexpr char kLow1 = kDigitColon | kHexLetter | kToO | kFromP;
  constexpr char kLow7 = kDigitColon | kToO | kFromP;
  const __m128i low_table =
      _mm_setr_epi8(kLow0, kLow1, kLow1, kLow1, kLow1, kLow1, kLow1, kLow7, kLow7, kLow7, kLow7,
                    kToO, kToO, kDotDash | kToO, kDotDash | kToO, kToO | kUnderscore);
  const __m128i high_table = _mm_setr_epi8(0, 0, kDotDash, kDigitColon, 0, kUnderscore,
                                           kHexLetter | kToO, kFromP, 0, 0, 0, 0, 0, 0, 0, 0);
  const auto bits_where = [](__m128i mask) {
    return static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(mask)));
  };
  uint64_t not_numbers = 0;
  uint64_t not_words = 0;
  uint64_t beyond_ascii = 0;
  uint64_t ends = 0;
#pragma GCC unroll 4
  for (int i = 0; i < static_cast<int>(kStepBytes); i += 16) {
    __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + i));
    // A-Z are the 26 bytes that come out lowest when 'A' is taken for the lowest of all.
    const __m128i from_a = _mm_add_epi8(bytes, _mm_set1_epi8(static_cast<char>(128 - 'A')));
    const __m128i upper = _mm_cmplt_epi8(from_a, _mm_set1_epi8(-128 + 26));
    bytes = _mm_or_si128(bytes, _mm_and_si128(upper, _mm_set1_epi8(0x20)));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(folded + i), bytes);
    const __m128i high = _mm_and_si128(_mm_srli_epi16(bytes, 4), _mm_set1_epi8(0x0f));
    const __m128i shared =
        _mm_and_si128(_mm_shuffle_epi8(low_table, bytes), _mm_shuffle_epi8(high_table, high));
    const auto none_of = [&](char set) {
      const __m128i own = _mm_and_si128(shared, _mm_set1_epi8(set));
      return bits_where(_mm_cmpeq_epi8(own, _mm_setzero_si128())) << i;
    };
    not_numbers |= none_of(kNumbers);
    if (kWithWords) not_words |= none_of(kAsciiWords);
    beyond_ascii |= bits_where(bytes) << i;
    ends |= bits_where(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n'))) << i;
  }
  step.numbers = ~not_numbers;
  if (kWithWords) step.words = ~not_words | beyond_ascii;
  step.newlines = ends;
  step.ascii = beyond_ascii == 0;
}
#else
template <bool kWithWords>
void GramTile::FoldStep(const char* text, uint8_t* folded, Step& step) {
  step = {.newlines = 0};
  for (size_t i = 0; i < kStepBytes; ++i) {
    folded[i] = FoldByte(static_cast<uint8_t>(text[i]));
    step.numbers |= static_cast<uint64_t>(IsNumberByte(folded[i])) << i;
    if (kWithWords) step.words |= static_cast<uint64_t>(IsWordByte(folded[i])) << i;
    step.newlines |= static_cast<uint64_t>(folded[i] == '\n') << i;
    step.ascii &= folded[i] < 0x80;
  }
}
#endif

template <bool kWithWords>
void GramTile::FindGrams(const Step& step, const Step& before, GramEnds& ends) {
  const uint64_t n = step.numbers;
  const uint64_t pairs = n & Back(n, before.numbers, 1);
  const uint64_t pairs_before = before.numbers & before.numbers << 1;
  const uint64_t fours = pairs & Back(pairs, pairs_before, 2);
  const uint64_t sixes = fours & Back(pairs, pairs_before, 4);
  const uint64_t near_end = step.newlines | Back(step.newlines, before.newlines, 1) |
                            Back(step.newlines, before.newlines, 2) |
                            Back(step.newlines, before.newlines, 3);
  uint64_t words = 0;
  if constexpr (kWithWords) {
    const uint64_t pairs_of_words = step.words & Back(step.words, before.words, 1);
    words = pairs_of_words & Back(pairs_of_words, before.words & before.words << 1, 2);
  }
  const uint64_t of_four = ~near_end & ~fours;
  ends.of_four = of_four & ~words;
  ends.of_six = sixes;
  ends.of_words = of_four & words;
}

template <bool kWithWords>
void GramTile::LoadStep(size_t step, const char* text) {
  FoldStep<kWithWords>(text, folded_.data() + kBefore + step * kStepBytes, steps_[1 + step]);
  FindGrams<kWithWords>(steps_[1 + step], steps_[step], ends_[step]);
}

template <bool kWithWords>
size_t GramTile::Load(std::string_view& text) {
  steps_[0] = steps_[kSteps];
  std::memcpy(folded_.data(), folded_.data() + kBytes, kBefore);
  size_t count = 0;
  for (; count < kSteps && text.size() >= kStepBytes; ++count) {
    LoadStep<kWithWords>(count, text.data());
    text.remove_prefix(kStepBytes);
  }
  if (count == kSteps || text.empty()) return count;
  std::array<char, kStepBytes> tail;
  tail.fill('\n');
  std::ranges::copy(text, tail.begin());
  LoadStep<kWithWords>(count, tail.data());
  text = {};
  return count + 1;
}

template size_t GramTile::Load<true>(std::string_view& text);
template size_t GramTile::Load<false>(std::string_view& text);

}  // namespace skald::chunkstore
