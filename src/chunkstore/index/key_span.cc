#include "chunkstore/index/key_span.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace skald::chunkstore {

std::string PastPrefix(std::string_view prefix) {
  std::string past(prefix);
  while (!past.empty() && static_cast<uint8_t>(past.back()) == 0xff) past.pop_back();
  if (!past.empty()) ++past.back();
  return past;
}

KeySpan::KeySpan(std::string_view first, std::string_view last) {
  size_t common = 0;
  while (common < first.size() && common < last.size() && first[common] == last[common]) ++common;
  begin_ = first.substr(0, common);
  low_ = NumberOf(first.substr(common));
  high_ = NumberOf(last.substr(common));
}

Result<std::vector<std::string>> KeySpan::Cuts(uint64_t all, uint64_t step,
                                               const BytesBefore& before) const {
  std::vector<std::string> cuts;
  uint64_t low = low_;
  for (uint64_t target = step; target + step <= all;) {
    uint64_t high = high_;
    while (low < high) {
      const uint64_t middle = low + (high - low) / 2;
      SKALD_ASSIGN_OR_RETURN(const uint64_t bytes, before(TextOf(middle)));
      if (bytes >= target) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    std::string cut = TextOf(low);
    if (!cuts.empty() && cuts.back() == cut) break;  // There is none behind it.
    // The next one has a full step from here: this one may lie far behind its target.
    SKALD_ASSIGN_OR_RETURN(const uint64_t bytes, before(cut));
    target = std::max(target, bytes) + step;
    cuts.push_back(std::move(cut));
  }
  return cuts;
}

uint64_t KeySpan::NumberOf(std::string_view text) {
  uint64_t number = 0;
  for (size_t i = 0; i < sizeof number; ++i) {
    number = number << 8 | (i < text.size() ? static_cast<uint8_t>(text[i]) : 0);
  }
  return number;
}

std::string KeySpan::TextOf(uint64_t number) const {
  std::string text = begin_;
  for (int shift = 56; shift >= 0; shift -= 8) text.push_back(static_cast<char>(number >> shift));
  return text;
}

}  // namespace skald::chunkstore
