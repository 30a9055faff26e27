#include "common/pair_search.h"

#include <utility>

#include "common/substring_probe.h"

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
  static const char* Sse2(const PairSearch& s, const char* p, const char* end) {
    const SubstringProbe128 shorter(s.shorter_);
    const SubstringProbe128 longer(s.longer_);
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

  __attribute__((target("avx2"))) static const char* Avx2(const PairSearch& s, const char* p,
                                                          const char* end) {
    const SubstringProbe256 shorter(s.shorter_);
    const SubstringProbe256 longer(s.longer_);
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
