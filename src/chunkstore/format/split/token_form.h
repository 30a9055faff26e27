#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "common/substring_search.h"

namespace skald::chunkstore {

// What tokens of one length look like: in each place a byte of its own or, where `varies` is not 0,
// one of a set.
//
//   "0000-00-00T00:00:00Z", varying where digits are, over digits
//
// Ownership: borrows its texts.
struct TokenForm {
  using Bytes = std::bitset<256>;

  std::string_view text;
  std::string_view varies;  // As long as the text.
  Bytes set;

  static Bytes SetOf(std::string_view bytes);

  // The next place from `from` on where the needle may begin, as far as it can be told.
  std::optional<size_t> FindPlace(const SubstringSearch& needle, size_t from) const;
  bool MayHold(const SubstringSearch& needle) const { return FindPlace(needle, 0).has_value(); }

 private:
  bool Fits(const SubstringSearch& needle, size_t place) const;
};

}  // namespace skald::chunkstore
