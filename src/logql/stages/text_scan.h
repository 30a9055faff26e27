#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "common/bytes.h"
#include "logql/stages/text_arena.h"

// Small pieces of scanning that the parser stages share.

namespace skald::logql {

// Points at the first `"` or `\` in [p, end), or at `end`. Sets *ascii to false if a byte before
// it is not ASCII.
inline const char* FindQuoteOrBackslash(const char* p, const char* end, bool* ascii) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  for (; end - p >= 16; p += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const unsigned high = static_cast<unsigned>(_mm_movemask_epi8(bytes));
    const unsigned hits = static_cast<unsigned>(_mm_movemask_epi8(
        _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash))));
    if (hits != 0) {
      const unsigned before = hits ^ (hits - 1);  // Ones up to the first hit.
      *ascii = *ascii && (high & before) == 0;
      return p + __builtin_ctz(hits);
    }
    *ascii = *ascii && high == 0;
  }
#endif
  for (; p != end && *p != '"' && *p != '\\'; ++p) {
    *ascii = *ascii && static_cast<signed char>(*p) >= 0;
  }
  return p;
}

// Points at the first byte in [p, end) that is `=`, `"`, a blank or a control character, or at
// `end`.
inline const char* FindLogfmtDelimiter(const char* p, const char* end) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i equal = _mm_set1_epi8('=');
  const __m128i blank = _mm_set1_epi8(' ');
  for (; end - p >= 16; p += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i hits =
        _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(bytes, blank), bytes),
                     _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, equal)));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(hits));
    if (mask != 0) {
      return p + __builtin_ctz(mask);
    }
  }
#endif
  while (p != end && static_cast<unsigned char>(*p) > ' ' && *p != '=' && *p != '"') {
    ++p;
  }
  return p;
}

// A text that lines are likely to have at a known place, compared in one step if it is short.
//
// Threads: immutable.
class ExpectedText {
 public:
  ExpectedText() = default;
  explicit ExpectedText(std::string text) : text_(std::move(text)) {
    std::memcpy(head_, text_.data(), std::min(text_.size(), sizeof head_));
  }

  size_t size() const { return text_.size(); }
  // Whether it begins at `p`. False if there is no text.
  bool StandsAt(const char* p, const char* end) const {
    const auto room = static_cast<size_t>(end - p);
#if defined(__SSE2__)
    if (text_.size() <= sizeof head_ && room >= sizeof head_) {
      const __m128i same = _mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)),
                                          _mm_loadu_si128(reinterpret_cast<const __m128i*>(head_)));
      const auto differ = ~static_cast<unsigned>(_mm_movemask_epi8(same));
      return !text_.empty() && (differ & ((1u << text_.size()) - 1)) == 0;
    }
#endif
    return !text_.empty() && room >= text_.size() &&
           std::memcmp(p, text_.data(), text_.size()) == 0;
  }

 private:
  std::string text_;
  char head_[16] = {};
};

// A text to be found a few bytes further on, as separators of fields are: it is searched by its
// first two bytes, without a call.
//
// Threads: immutable.
class SeparatorText {
 public:
  // Requires: not empty.
  explicit SeparatorText(std::string text) : text_(std::move(text)) {
    std::memset(first_, text_[0], sizeof first_);
    std::memset(second_, text_[text_.size() > 1 ? 1 : 0], sizeof second_);
  }

  size_t size() const { return text_.size(); }

  // Where it stands in `line` first; npos if it does not.
  size_t FindIn(std::string_view line) const {
    const char* const begin = line.data();
    const char* p = begin;
    if (line.size() < text_.size()) return std::string_view::npos;
    const char* const last = begin + (line.size() - text_.size());  // Where it may begin at most.
    const bool single = text_.size() == 1;
#if defined(__SSE2__)
    const __m128i first = _mm_load_si128(reinterpret_cast<const __m128i*>(first_));
    const __m128i second = _mm_load_si128(reinterpret_cast<const __m128i*>(second_));
    const char* const end = begin + line.size();
    for (; end - p > 16; p += 16) {
      const __m128i here = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
      const __m128i next = _mm_loadu_si128(reinterpret_cast<const __m128i*>(single ? p : p + 1));
      auto hits = static_cast<unsigned>(_mm_movemask_epi8(
          _mm_and_si128(_mm_cmpeq_epi8(here, first), _mm_cmpeq_epi8(next, second))));
      for (; hits != 0; hits &= hits - 1) {
        const char* const at = p + __builtin_ctz(hits);
        if (at > last) return std::string_view::npos;
        if (RestStandsAt(at)) return static_cast<size_t>(at - begin);
      }
    }
#endif
    for (; p <= last; ++p) {
      if (*p == text_[0] && (single || p[1] == text_[1]) && RestStandsAt(p)) {
        return static_cast<size_t>(p - begin);
      }
    }
    return std::string_view::npos;
  }

 private:
  // Whether it goes on at `p` as it began.
  bool RestStandsAt(const char* p) const {
    const size_t size = text_.size();
    if (size <= 2) return true;
    const char* const text = text_.data();
    return p[2] == text[2] && (size == 3 || std::memcmp(p + 3, text + 3, size - 3) == 0);
  }

  std::string text_;
  alignas(16) char first_[16];  // The first byte, and the second, sixteen times each.
  alignas(16) char second_[16];
};

// Whether two texts are alike, without a call if they are short.
inline bool SameText(std::string_view a, std::string_view b) {
  const size_t size = a.size();
  if (size != b.size()) return false;
  if (size > 16) return std::memcmp(a.data(), b.data(), size) == 0;
  const char* const p = a.data();
  const char* const q = b.data();
  if (size >= 8) {
    return LoadFixed64(p) == LoadFixed64(q) &&
           LoadFixed64(p + size - 8) == LoadFixed64(q + size - 8);
  }
  if (size >= 4) {
    return LoadFixed32(p) == LoadFixed32(q) &&
           LoadFixed32(p + size - 4) == LoadFixed32(q + size - 4);
  }
  return size == 0 || (p[0] == q[0] && p[size / 2] == q[size / 2] && p[size - 1] == q[size - 1]);
}

// `text` with each invalid byte, and each U+FFFD, replaced by a blank; itself if there is none.
std::string_view BlankInvalidUtf8(std::string_view text, TextArena& arena);

// Appends a name found in a line as a label's name: blanks around it cut, every character outside
// [a-zA-Z0-9_] replaced by `_`, and `_` put before a leading digit if `first`. Nothing is
// appended for a blank name.
void AppendLabelName(std::string& out, std::string_view name, bool first);

}  // namespace skald::logql
