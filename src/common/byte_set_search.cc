// A byte below 0x80 is looked up by halves: table[low half] holds a bit for each of the eight high
// halves that make a member, and 1 << high half is the bit to look for. Both tables have 16
// entries, so that one shuffle looks up 32 bytes at once. For [0-9]: table[0..9] = 0b00001000, as
// digits are 0x30 to 0x39; `7` = 0x37 gives table[7] & (1 << 3), which is not zero.
//
// A shuffle yields 0 for bytes from 0x80 on; whether these are members is said by their top bits.
#include "common/byte_set_search.h"

#include <algorithm>
#include <span>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace skald {
namespace {

// How frequent a byte is in logs: estimates for choosing among searches, no more.
constexpr double kDigit = 200e-4;
constexpr double kLower = 170e-4;
constexpr double kUpper = 25e-4;
constexpr double kSpace = 800e-4;
constexpr double kOtherPrinted = 60e-4;
constexpr double kControl = 2e-4;
constexpr double kBeyond = 20e-4;  // All of them together.

double UsualShareOf(size_t byte) {
  if (byte >= '0' && byte <= '9') return kDigit;
  if (byte >= 'a' && byte <= 'z') return kLower;
  if (byte >= 'A' && byte <= 'Z') return kUpper;
  if (byte == ' ') return kSpace;
  return byte < ' ' || byte == 0x7f ? kControl : kOtherPrinted;
}

}  // namespace

ByteSet operator|(const ByteSet& a, const ByteSet& b) {
  return {.ascii = a.ascii | b.ascii, .beyond_ascii = a.beyond_ascii || b.beyond_ascii};
}

double UsualShare(const ByteSet& set) {
  double share = set.beyond_ascii ? kBeyond : 0;
  for (size_t byte = 0; byte < set.ascii.size(); ++byte) {
    if (set.ascii[byte]) share += UsualShareOf(byte);
  }
  return std::min(share, 1.0);
}

double UsualShare(std::string_view text) {
  double share = 1;
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    share *= byte < 0x80 ? UsualShareOf(byte) : kBeyond;
  }
  return share;
}

ByteSetSearch::ByteSetSearch(const std::vector<ByteSet>& sets) {
  for (const ByteSet& bytes : sets) {
    Set set{.offset = sets_.size(),
            .beyond = static_cast<uint8_t>(bytes.beyond_ascii ? 0x80 : 0),
            .bytes = bytes};
    for (size_t byte = 0; byte < bytes.ascii.size(); ++byte) {
      if (bytes.ascii[byte]) set.low[byte & 15] |= static_cast<uint8_t>(1U << (byte >> 4));
    }
    sets_.push_back(set);
  }
  std::stable_sort(sets_.begin(), sets_.end(), [](const Set& a, const Set& b) {
    return UsualShare(a.bytes) < UsualShare(b.bytes);
  });
}

bool ByteSetSearch::MatchesAt(const char* p) const {
  return std::all_of(sets_.begin(), sets_.end(), [p](const Set& set) {
    return set.bytes.Has(static_cast<uint8_t>(p[set.offset]));
  });
}

struct ByteSetKernels {
#if defined(__x86_64__)
  // Which of the 32 bytes from `p` on are in the set, as bits.
  __attribute__((target("avx2"))) static inline uint32_t Members(const ByteSetSearch::Set& set,
                                                                 const char* p) {
    const __m256i high_bits = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0));
    const __m256i text = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    const __m256i table = _mm256_broadcastsi128_si256(
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(set.low.data())));
    const __m256i high = _mm256_and_si256(_mm256_srli_epi16(text, 4), _mm256_set1_epi8(15));
    const __m256i found =
        _mm256_and_si256(_mm256_shuffle_epi8(table, text), _mm256_shuffle_epi8(high_bits, high));
    const __m256i outside = _mm256_cmpeq_epi8(found, _mm256_setzero_si256());
    const __m256i beyond = _mm256_and_si256(text, _mm256_set1_epi8(static_cast<char>(set.beyond)));
    return ~static_cast<uint32_t>(_mm256_movemask_epi8(outside)) |
           static_cast<uint32_t>(_mm256_movemask_epi8(beyond));
  }

  // The first place from `p` on that a whole step finds, or the first that no whole step reaches.
  __attribute__((target("avx2"))) static const char* Avx2(const ByteSetSearch& search,
                                                          const char* p, const char* last) {
    const std::span<const ByteSetSearch::Set> sets = search.sets_;
    const ByteSetSearch::Set& first = sets[0];
    const ByteSetSearch::Set& second = sets[sets.size() > 1 ? 1 : 0];
    for (; last - p >= 31; p += 32) {
      // One set alone would have members in so many steps that the branch is a gamble.
      uint32_t places = Members(first, p + first.offset) & Members(second, p + second.offset);
      for (size_t i = 2; places != 0 && i < sets.size(); ++i) {
        places &= Members(sets[i], p + sets[i].offset);
      }
      if (places != 0) return p + __builtin_ctz(places);
    }
    return p;
  }
#endif
};

const char* ByteSetSearch::Find(const char* begin, const char* end) const {
  if (static_cast<size_t>(end - begin) < size()) return end;
  const char* const last = end - size();
  const char* p = begin;
#if defined(__x86_64__)
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  if (has_avx2) p = ByteSetKernels::Avx2(*this, p, last);
#endif
  for (; p <= last; ++p) {
    if (MatchesAt(p)) return p;
  }
  return end;
}

}  // namespace skald
