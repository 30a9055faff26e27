#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace skald::chunkstore {

// Texts between two, told apart by eight bytes behind what both begin with.
//
// Threads: a value.
class KeySpan {
 public:
  KeySpan(std::string_view first, std::string_view last) {
    size_t common = 0;
    while (common < first.size() && common < last.size() && first[common] == last[common]) ++common;
    begin_ = first.substr(0, common);
    low_ = NumberOf(first.substr(common));
    high_ = NumberOf(last.substr(common));
  }

  // The least of them for which `is_past` holds, which does for all behind it.
  template <typename IsPast>
  std::string FirstWith(const IsPast& is_past) const {
    uint64_t low = low_;
    uint64_t high = high_;
    while (low < high) {
      const uint64_t middle = low + (high - low) / 2;
      if (is_past(TextOf(middle))) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return TextOf(low);
  }

 private:
  static uint64_t NumberOf(std::string_view text) {
    uint64_t number = 0;
    for (size_t i = 0; i < sizeof number; ++i) {
      number = number << 8 | (i < text.size() ? static_cast<uint8_t>(text[i]) : 0);
    }
    return number;
  }
  std::string TextOf(uint64_t number) const {
    std::string text = begin_;
    for (int shift = 56; shift >= 0; shift -= 8) text.push_back(static_cast<char>(number >> shift));
    return text;
  }

  std::string begin_;
  uint64_t low_ = 0;
  uint64_t high_ = 0;
};

}  // namespace skald::chunkstore
