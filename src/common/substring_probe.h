#pragma once

#include "common/substring_search.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace skald {

// The two bytes of a text that SubstringSearch compares, each in all lanes: which of 16 positions
// from `p` on may be the text's. Reads 16 bytes behind each byte's offset.
struct SubstringProbe128 {
  explicit SubstringProbe128(const SubstringSearch& text)
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

// The same of 32.
struct SubstringProbe256 {
  __attribute__((target("avx2"))) explicit SubstringProbe256(const SubstringSearch& text)
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

}  // namespace skald
#endif
