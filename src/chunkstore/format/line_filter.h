#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "chunkstore/format/chunk_layout.h"
#include "chunkstore/format/line_grams.h"

namespace skald::chunkstore {

// A block's filter of lines, as it is stored: a bitmap of hashes of grams. Where there are too many
// grams for it, it tells only of those with a low hash, and others may be there or not.
//
// Ownership: borrows the bytes.
// Threads:   immutable; any thread may ask.
// Format:    FORMAT.md.
struct LineFilter {
  static constexpr size_t kLimitsBytes = 8;  // Of what Encode puts before the bitmap.
  static constexpr uint32_t kNoLimit = uint32_t{1} << kGramHashBits;

  std::string_view bits;            // As many bytes as 8 divides; empty: all grams may be there.
  uint32_t word_limit = kNoLimit;   // Grams of words of this hash and above may be there.
  uint32_t other_limit = kNoLimit;  // The same of all other grams.

  // Of the stored bytes. What is not as it should be tells of no gram.
  static LineFilter Decode(FilterKind kind, std::string_view stored);
  // What is stored as FilterKind::kLineGrams.
  std::string Encode() const;

  bool empty() const { return bits.empty(); }

  // False only if no line of the block has the gram. Requires: not empty.
  bool MayHave(const Gram& gram) const {
    if (gram.hash >= (gram.of_word ? word_limit : other_limit)) return true;
    const auto at = static_cast<uint32_t>(gram.hash % (bits.size() * 8));
    return (static_cast<uint8_t>(bits[at / 8]) >> (at % 8) & 1) != 0;
  }
};

}  // namespace skald::chunkstore
