#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace skald {

// Finds a text in large buffers, 16 or 32 bytes at a step (whichever the machine has).
//
// Threads: immutable; any thread may search.
class SubstringSearch {
 public:
  // With `fold_case`, ASCII letters match in either case; `needle` must be lower case then.
  explicit SubstringSearch(std::string needle, bool fold_case = false);

  // The first occurrence that lies in [begin, end); `end` if there is none.
  const char* Find(const char* begin, const char* end) const {
    return static_cast<size_t>(end - begin) < needle_.size() ? end : find_(*this, begin, end);
  }
  bool Contains(std::string_view text) const {
    return text.size() >= needle_.size() &&
           (needle_.empty() ||
            Find(text.data(), text.data() + text.size()) != text.data() + text.size());
  }

  const std::string& needle() const { return needle_; }
  bool fold_case() const { return fold_case_; }

  // Whether the needle stands at `p`. Requires: that many bytes there.
  bool MatchesAt(const char* p) const;

 private:
  using FindFunction = const char* (*)(const SubstringSearch&, const char*, const char*);
  friend struct SubstringKernels;
  friend struct SubstringProbe128;
  friend struct SubstringProbe256;

  std::string needle_;
  bool fold_case_;
  // Offsets in the needle of its two bytes that are rarest in logs, the bytes themselves, and
  // 0x20 where a letter is to match in either case.
  size_t first_ = 0;
  size_t second_ = 0;
  char first_byte_ = 0;
  char second_byte_ = 0;
  char first_fold_ = 0;
  char second_fold_ = 0;
  FindFunction find_;
};

}  // namespace skald
