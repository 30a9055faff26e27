#include "common/substring_search.h"

#include <array>
#include <cstring>

#include "common/ascii.h"
#include "common/substring_probe.h"

// The needle's two rarest bytes are compared with the text at all positions of a step at once; only
// where both agree is the whole needle compared. In "request_id=9f31", searched in logs, these are
// `q` and `f`: hardly any position passes that is no hit.

namespace skald {
namespace {

// Bytes of logs from the most frequent to the least; others are rarer still.
constexpr std::string_view kFrequent =
    " e0t1aio2nsr:3\"4-56l789dcum/=.,p_hgfTbvwyk[]A+ES(){}ICRZODPMNLF";

constexpr std::array<uint8_t, 256> MakeRanks() {
  std::array<uint8_t, 256> ranks{};  // Small is frequent.
  for (uint8_t& rank : ranks) {
    rank = 255;
  }
  for (size_t i = 0; i < kFrequent.size(); ++i) {
    ranks[static_cast<uint8_t>(kFrequent[i])] = static_cast<uint8_t>(i);
  }
  return ranks;
}
constexpr std::array<uint8_t, 256> kRanks = MakeRanks();

constexpr bool IsLower(char c) { return c >= 'a' && c <= 'z'; }

}  // namespace

bool SubstringSearch::MatchesAt(const char* p) const {
  if (!fold_case_) {
    return std::memcmp(p, needle_.data(), needle_.size()) == 0;
  }
  for (size_t i = 0; i < needle_.size(); ++i) {
    if (LowerCase(p[i]) != needle_[i]) {
      return false;
    }
  }
  return true;
}

struct SubstringKernels {
  // The last positions, too few for a step.
  static const char* Tail(const SubstringSearch& s, const char* p, const char* last) {
    for (; p <= last; ++p) {
      if ((p[s.first_] | s.first_fold_) == s.first_byte_ && s.MatchesAt(p)) {
        return p;
      }
    }
    return nullptr;
  }

  static const char* Scalar(const SubstringSearch& s, const char* begin, const char* end) {
    const char* hit = Tail(s, begin, end - s.needle_.size());
    return hit == nullptr ? end : hit;
  }

  static const char* OneByte(const SubstringSearch& s, const char* begin, const char* end) {
    const void* hit = std::memchr(begin, s.needle_[0], static_cast<size_t>(end - begin));
    return hit == nullptr ? end : static_cast<const char*>(hit);
  }

  static const char* Empty(const SubstringSearch&, const char* begin, const char*) { return begin; }

#if defined(__x86_64__)
  static const char* Sse2(const SubstringSearch& s, const char* begin, const char* end) {
    const char* const last = end - s.needle_.size();
    const SubstringProbe128 probe(s);
    const char* p = begin;
    for (; last - p >= 15; p += 16) {
      auto mask = static_cast<unsigned>(_mm_movemask_epi8(probe.Candidates(p)));
      for (; mask != 0; mask &= mask - 1) {
        const char* hit = p + __builtin_ctz(mask);
        if (s.MatchesAt(hit)) {
          return hit;
        }
      }
    }
    const char* hit = Tail(s, p, last);
    return hit == nullptr ? end : hit;
  }

  __attribute__((target("avx2"))) static const char* Avx2(const SubstringSearch& s,
                                                          const char* begin, const char* end) {
    const char* const last = end - s.needle_.size();
    const SubstringProbe256 probe(s);
    const char* p = begin;
    for (; last - p >= 31; p += 32) {
      auto mask = static_cast<unsigned>(_mm256_movemask_epi8(probe.Candidates(p)));
      for (; mask != 0; mask &= mask - 1) {
        const char* hit = p + __builtin_ctz(mask);
        if (s.MatchesAt(hit)) {
          return hit;
        }
      }
    }
    return Sse2(s, p, end);
  }
#endif

  static SubstringSearch::FindFunction Choose(const SubstringSearch& s) {
    if (s.needle_.empty()) {
      return Empty;
    }
    if (s.needle_.size() == 1 && s.first_fold_ == 0) {
      return OneByte;
    }
#if defined(__x86_64__)
    static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
    return has_avx2 ? Avx2 : Sse2;
#else
    return Scalar;
#endif
  }
};

SubstringSearch::SubstringSearch(std::string needle, bool fold_case)
    : needle_(std::move(needle)), fold_case_(fold_case) {
  const auto rank = [this](size_t i) { return kRanks[static_cast<uint8_t>(needle_[i])]; };
  for (size_t i = 1; i < needle_.size(); ++i) {
    if (rank(i) > rank(first_)) {
      first_ = i;
    }
  }
  second_ = first_ == 0 && needle_.size() > 1 ? 1 : 0;
  for (size_t i = 0; i < needle_.size(); ++i) {
    if (i != first_ && rank(i) > rank(second_)) {
      second_ = i;
    }
  }
  if (!needle_.empty()) {
    first_byte_ = needle_[first_];
    second_byte_ = needle_[second_];
    first_fold_ = fold_case && IsLower(first_byte_) ? 0x20 : 0;
    second_fold_ = fold_case && IsLower(second_byte_) ? 0x20 : 0;
  }
  find_ = SubstringKernels::Choose(*this);
}

}  // namespace skald
