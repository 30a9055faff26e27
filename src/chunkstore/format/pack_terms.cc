#include "chunkstore/format/pack_terms.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "chunkstore/format/line_grams.h"
#include "common/bytes.h"

#if defined(__SSE4_2__)
#include <smmintrin.h>
#endif

// The filter of a pack answers for hundreds of MB of lines. Grams as blocks have them are all there
// in so much text: what tells packs apart is either long or out of few letters.
//
// Words: grams of four letters (a-z, '_', bytes beyond ASCII). Logs are made of few words, and a
// word that is in none of them has a gram that is in none of them.
//
// Ids: runs of 16 hex digits or more, with '-', ':' and '.' between them left out: trace ids,
// UUIDs, long numbers. There may be one in each line, so each should give
// one key; and a search may be for a part of an id, of which whole runs say nothing. Both is had by
// taking, out of every window of w neighbouring grams of 12 digits, the gram that comes first in
// an order that mixes them ("minimizers"): a part that has a whole window has its gram, wherever in
// an id it lies. A longer window means fewer grams, but parts of an id need to be longer. So w goes
// by the length of the run:
//
//   class 0   16 to 23 digits   w = 5    parts of 16 and on
//   class 1   24 to 31          w = 13   parts of 24 and on
//   class 2   32 and more       w = 21   parts of 32 and on
//
// An id of 16, 24 or 32 digits, as nearly all are, gives one key. A search for 16 digits that may
// go on at either end looks for them in class 0; should the pack have longer ids too, it learns
// nothing, as they may be a part of one. One for 32 always does.
//
// Windows of one id mostly begin with the same gram: the order looks at its first four digits only,
// and of equals the first comes first.

namespace skald::chunkstore {
namespace {

constexpr size_t kIdGram = 12;
constexpr std::array<size_t, kIdClasses> kClassDigits = {kMinIdDigits, 24, 32};

// Stored filters depend on these.
constexpr uint32_t kOrderFactor = 0x9e3779b1u;
constexpr uint64_t kFirstFactor = 0x9e3779b97f4a7c15ull;
constexpr uint64_t kSecondFactor = 0xc2b2ae3d27d4eb4full;
constexpr uint64_t kMixFactor = 0xff51afd7ed558ccdull;

bool IsDigit(char byte) { return IsRunByte(byte) && byte != '-' && byte != ':' && byte != '.'; }

// Bytes of memory behind digits that may be read, whatever they are.
constexpr size_t kOverread = 16;

// Of 16 bytes, a bit for each: which are of runs, and which of these are digits.
struct RunStep {
  uint32_t run = 0;
  uint32_t digits = 0;
};

#if defined(__SSE4_2__)
// The bytes of a range, by unsigned comparison.
__m128i InRange(__m128i bytes, char first, char last) {
  const __m128i from_first = _mm_sub_epi8(bytes, _mm_set1_epi8(first));
  const __m128i count = _mm_set1_epi8(static_cast<char>(last - first));
  return _mm_cmpeq_epi8(_mm_min_epu8(from_first, count), from_first);
}

RunStep Look(__m128i bytes, __m128i lower) {
  const __m128i digits = _mm_or_si128(InRange(bytes, '0', '9'), InRange(lower, 'a', 'f'));
  const __m128i joiners =
      _mm_or_si128(InRange(bytes, '-', '.'), _mm_cmpeq_epi8(bytes, _mm_set1_epi8(':')));
  return {.run = static_cast<uint32_t>(_mm_movemask_epi8(_mm_or_si128(digits, joiners))),
          .digits = static_cast<uint32_t>(_mm_movemask_epi8(digits))};
}
#endif

// Windows have fewer grams than these bits can number.
constexpr uint32_t kPlaceMask = 0x1f;
static_assert(kClassDigits.back() - kIdGram < kPlaceMask);

// Where a gram comes among those of a window; the lowest bits are its place there.
uint32_t OrderOf(const char* gram, size_t place) {
  return ((LoadFixed32(gram) * kOrderFactor) & ~kPlaceMask) | static_cast<uint32_t>(place);
}

// The gram that comes first of `count` of them, the first of which is at `grams`: 4 n + 1, and the
// memory goes on for kOverread bytes.
size_t FirstGram(const char* grams, size_t count) {
  uint32_t first = OrderOf(grams + count - 1, count - 1);
#if defined(__SSE4_2__)
  const __m128i neighbours = _mm_setr_epi8(0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6);
  const __m128i factor = _mm_set1_epi32(static_cast<int>(kOrderFactor));
  const __m128i mask = _mm_set1_epi32(static_cast<int>(~kPlaceMask));
  __m128i places = _mm_setr_epi32(0, 1, 2, 3);
  __m128i least = _mm_set1_epi32(-1);
  for (size_t i = 0; i + 4 < count; i += 4) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(grams + i));
    const __m128i mixed = _mm_mullo_epi32(_mm_shuffle_epi8(bytes, neighbours), factor);
    least = _mm_min_epu32(least, _mm_or_si128(_mm_and_si128(mixed, mask), places));
    places = _mm_add_epi32(places, _mm_set1_epi32(4));
  }
  least = _mm_min_epu32(least, _mm_shuffle_epi32(least, 0x4e));
  least = _mm_min_epu32(least, _mm_shuffle_epi32(least, 0xb1));
  first = std::min(first, static_cast<uint32_t>(_mm_cvtsi128_si32(least)));
#else
  for (size_t i = 0; i + 1 < count; ++i) first = std::min(first, OrderOf(grams + i, i));
#endif
  return first & kPlaceMask;
}

uint32_t IdKey(const char* gram, int id_class) {
  uint64_t mixed = LoadFixed64(gram) * kFirstFactor ^ LoadFixed32(gram + 8) * kSecondFactor;
  mixed += static_cast<uint64_t>(id_class) * kSecondFactor;
  mixed ^= mixed >> 32;
  return static_cast<uint32_t>(mixed * kMixFactor >> 32);
}

}  // namespace

size_t IdRun::Read(std::string_view text, size_t begin) {
  size_ = 0;
  size_t at = begin;
#if defined(__SSE4_2__)
  while (at + 16 <= text.size()) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    // Lower case differs from upper case in this bit, which digits have too.
    const __m128i lower = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
    RunStep step = Look(bytes, lower);
    const int length = std::countr_one(step.run);
    step.digits &= (1u << length) - 1;
    MakeRoom();
    // Digits between joiners, stretch by stretch.
    char folded[32];
    _mm_storeu_si128(reinterpret_cast<__m128i*>(folded), lower);
    while (step.digits != 0) {
      const int first = std::countr_zero(step.digits);
      const int count = std::countr_one(step.digits >> first);
      std::memcpy(buffer_.data() + size_, folded + first, 16);
      size_ += static_cast<size_t>(count);
      step.digits &= ~(((1u << count) - 1) << first);
    }
    at += static_cast<size_t>(length);
    if (length < 16) return at;
  }
#endif
  for (; at < text.size() && IsRunByte(text[at]); ++at) {
    MakeRoom();
    if (IsDigit(text[at])) buffer_[size_++] = static_cast<char>(text[at] | 0x20);
  }
  return at;
}

void IdRun::MakeRoom() {
  if (buffer_.size() < size_ + 2 * kOverread) buffer_.resize(2 * size_ + 8 * kOverread);
}

int IdRun::Class() const {
  int id_class = kIdClasses - 1;
  while (id_class >= 0 && size_ < kClassDigits[id_class]) --id_class;
  return id_class;
}

void IdRun::AppendKeys(int id_class, std::vector<uint32_t>& keys) const {
  const size_t window = kClassDigits[id_class] - kIdGram + 1;
  const size_t windows = size_ - kClassDigits[id_class] + 1;
  size_t last = size_;
  for (size_t begin = 0; begin < windows; ++begin) {
    const size_t first = begin + FirstGram(buffer_.data() + begin, window);
    if (first != last) keys.push_back(IdKey(buffer_.data() + first, id_class));
    last = first;
  }
}

uint32_t WordKey(uint32_t gram_hash) { return gram_hash << (32 - kGramHashBits); }

}  // namespace skald::chunkstore
