#include "common/pair_search.h"

#include <utility>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// As SubstringSearch: of each text its two rarest bytes are compared with the buffer at all
// positions of a step, and where both of one agree, the text is. What both texts have in common is
// that the buffer is loaded from memory once.

namespace skald {

struct PairKernels {
  // Byte by byte: the last positions, too few for a step.
  static const char* Tail(const PairSearch& s, const char* p, const char* end) {
    while (p != end && !s.StandsAt(s.shorter_, p, end) && !s.StandsAt(s.longer_, p, end)) ++p;
    return p;
  }

#if defined(__x86_64__)
  // The bytes of a text that are looked for, each in all lanes.
  struct Probe128 {
    explicit Probe128(const SubstringSearch& text)
        : first(_mm_set1_epi8(text.first_byte_)),
          second(_mm_set1_epi8(text.second_byte_)),
          first_fold(_mm_set1_epi8(text.first_fold_)),
          second_fold(_mm_set1_epi8(text.second_fold_)),
          first_at(text.first_),
          second_at(text.second_) {}

    __m128i Candidates(const char* p) const {
      const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + first_at));
      const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + second_at));
      return _mm_and_si128(_mm_cmpeq_epi8(_mm_or_si128(a, first_fold), first),
                           _mm_cmpeq_epi8(_mm_or_si128(b, second_fold), second));
    }

    __m128i first, second, first_fold, second_fold;
    size_t first_at, second_at;
  };

  static const char* Sse2(const PairSearch& s, const char* p, const char* end) {
    const Probe128 shorter(s.shorter_);
    const Probe128 longer(s.longer_);
    const auto room = static_cast<ptrdiff_t>(s.longer_.needle().size() + 15);
    for (; end - p >= room; p += 16) {
      auto mask = static_cast<unsigned>(
          _mm_movemask_epi8(_mm_or_si128(shorter.Candidates(p), longer.Candidates(p))));
      for (; mask != 0; mask &= mask - 1) {
        const char* hit = p + __builtin_ctz(mask);
        if (s.shorter_.MatchesAt(hit) || s.longer_.MatchesAt(hit)) return hit;
      }
    }
    return Tail(s, p, end);
  }

  struct Probe256 {
    __attribute__((target("avx2"))) explicit Probe256(const SubstringSearch& text)
        : first(_mm256_set1_epi8(text.first_byte_)),
          second(_mm256_set1_epi8(text.second_byte_)),
          first_fold(_mm256_set1_epi8(text.first_fold_)),
          second_fold(_mm256_set1_epi8(text.second_fold_)),
          first_at(text.first_),
          second_at(text.second_) {}

    __attribute__((target("avx2"), always_inline)) __m256i Candidates(const char* p) const {
      const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + first_at));
      const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + second_at));
      return _mm256_and_si256(_mm256_cmpeq_epi8(_mm256_or_si256(a, first_fold), first),
                              _mm256_cmpeq_epi8(_mm256_or_si256(b, second_fold), second));
    }

    __m256i first, second, first_fold, second_fold;
    size_t first_at, second_at;
  };

  __attribute__((target("avx2"))) static const char* Avx2(const PairSearch& s, const char* p,
                                                          const char* end) {
    const Probe256 shorter(s.shorter_);
    const Probe256 longer(s.longer_);
    const auto room = static_cast<ptrdiff_t>(s.longer_.needle().size() + 31);
    for (; end - p >= room; p += 32) {
      auto mask = static_cast<unsigned>(
          _mm256_movemask_epi8(_mm256_or_si256(shorter.Candidates(p), longer.Candidates(p))));
      for (; mask != 0; mask &= mask - 1) {
        const char* hit = p + __builtin_ctz(mask);
        if (s.shorter_.MatchesAt(hit) || s.longer_.MatchesAt(hit)) return hit;
      }
    }
    return Sse2(s, p, end);
  }
#endif

  static PairSearch::FindFunction Choose() {
#if defined(__x86_64__)
    static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
    return has_avx2 ? Avx2 : Sse2;
#else
    return Tail;
#endif
  }
};

PairSearch::PairSearch(SubstringSearch one, SubstringSearch other)
    : shorter_(std::move(one)), longer_(std::move(other)), find_(PairKernels::Choose()) {
  if (shorter_.needle().size() > longer_.needle().size()) std::swap(shorter_, longer_);
}

}  // namespace skald
