#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/format/chunk_layout.h"
#include "chunkstore/format/line_grams.h"

namespace skald::chunkstore {

// Some parts of a filter of lines: bit i for the i-th.
using LineFilterParts = uint8_t;
inline constexpr LineFilterParts kAllLineFilterParts = (1 << kLineFilterParts) - 1;

// The part that tells of grams with that hash.
constexpr size_t LineFilterPartOf(uint32_t hash) { return hash % kLineFilterParts; }

// What a filter of that kind holds of a filter of lines; nothing if it is of something else.
constexpr LineFilterParts PartsOf(FilterKind kind) {
  if (kind == FilterKind::kLineGrams || kind == FilterKind::kAllLineGrams) {
    return kAllLineFilterParts;
  }
  for (size_t part = 0; part < kLineFilterParts; ++part) {
    if (kind == LineGramsPart(part)) return static_cast<LineFilterParts>(1 << part);
  }
  return 0;
}

// A filter as it is stored.
struct StoredFilter {
  FilterKind kind = FilterKind::kLineGrams;
  std::string bytes;
};

// A block's filter of lines, as it is stored: a bitmap of hashes of grams. Where there are too many
// grams for it, it tells only of those with a low hash, and others may be there or not.
//
// It may be in parts, each with every fourth bit of the bitmap, so that a search for many grams
// need not read all of it: who has no more than some parts knows nothing of the grams of others.
//
// Ownership: borrows the bytes.
// Threads:   as a value.
// Format:    FORMAT.md.
class LineFilter {
 public:
  static constexpr size_t kLimitsBytes = 8;  // Of what is stored before a bitmap or a part of it.
  static constexpr uint32_t kNoLimit = uint32_t{1} << kGramHashBits;

  // What stored bytes tell, all of the filter or a part. What is not as it should be tells of no
  // gram.
  static LineFilter Decode(FilterKind kind, std::string_view stored);

  // Takes in parts that it has not. Of a filter in one piece there are none.
  void Add(const LineFilter& parts);

  // Grams of words, and all others, of this hash and above may be there.
  uint32_t word_limit() const { return word_limit_; }
  uint32_t other_limit() const { return other_limit_; }

  // Whether it tells of no gram.
  bool empty() const { return bitmap_bytes() == 0; }
  size_t bitmap_bytes() const;
  uint64_t bits_set() const;

  // False only if no line of the block has the gram.
  bool MayHave(const Gram& gram) const {
    if (gram.hash >= (gram.of_word ? word_limit_ : other_limit_)) return true;
    const std::string_view bits = bits_[in_parts_ ? LineFilterPartOf(gram.hash) : 0];
    if (bits.empty()) return true;
    const size_t hash = in_parts_ ? gram.hash / kLineFilterParts : gram.hash;
    const size_t at = hash % (bits.size() * 8);
    return (static_cast<uint8_t>(bits[at / 8]) >> (at % 8) & 1) != 0;
  }

 private:
  // As many bytes each as 8 divides; the first is all of a filter in one piece.
  std::array<std::string_view, kLineFilterParts> bits_;
  uint32_t word_limit_ = kNoLimit;
  uint32_t other_limit_ = kNoLimit;
  bool in_parts_ = false;
};

// What is stored as FilterKind::kLineGrams: the limits and then the bitmap.
std::string EncodeLineFilter(std::string_view bits, uint32_t word_limit, uint32_t other_limit);

// Such a filter is cut into parts if its bitmap has so many bytes: to read all of a smaller one
// takes no longer.
inline constexpr size_t kMinPartedBytes = 2 << 10;
// `encoded` as a block stores it: in parts, or in one piece if it is too small or of no such size
// that each part has whole words. Requires: EncodeLineFilter has made it.
std::vector<StoredFilter> CutLineFilter(std::string encoded);

}  // namespace skald::chunkstore
