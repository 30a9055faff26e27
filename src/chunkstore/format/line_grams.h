#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>

// What filters of blocks are made of: grams.
//
// A filter answers "can a line of this block hold this substring?". A substring's edges may lie
// inside a longer word, so whole words cannot be looked up: only grams can, runs of bytes whose
// place and length follow from the bytes themselves, never from what stands around them.
//
// A gram is, over text with A-Z folded to a-z,
//   - six bytes, all of them number bytes: 0-9 a-f . : -
//   - four bytes, at least one of them not a number byte
// and holds no '\n'. Four number bytes would be there in every block (there are but 10^4 runs of
// four digits); six tell ids, addresses and times apart. `id=4711042 ok` has the grams
//   "id=4" "d=47" "=471"  "471104" "711042"  "042 " "42 o" "2 ok"
// and, as UTF-8 is taken byte by byte, a word of two Chinese characters has three.

namespace skald::chunkstore {

// Hashes of grams have so many bits.
inline constexpr int kGramHashBits = 18;

// Bytes of a gram with other than number bytes in it, and of one without.
inline constexpr size_t kShortGram = 4;
inline constexpr size_t kNumberGram = 6;

// Of a gram as a little-endian number. Stored filters depend on it.
constexpr uint32_t HashGram(uint64_t gram) {
  return static_cast<uint32_t>((gram * 0x9e3779b97f4a7c15ull) >> (64 - kGramHashBits));
}

constexpr uint8_t FoldByte(uint8_t byte) { return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte; }

// Of a folded byte.
constexpr bool IsNumberByte(uint8_t byte) {
  return (byte >= '0' && byte <= ':') || (byte >= 'a' && byte <= 'f') || byte == '.' || byte == '-';
}

// Whether a byte of folded text may be in a gram of words.
constexpr bool IsWordByte(uint8_t byte) {
  return (byte >= 'a' && byte <= 'z') || byte == '_' || byte >= 0x80;
}

// What filters know of a gram.
struct Gram {
  uint32_t hash = 0;
  bool of_word = false;  // Of four bytes, all of them of words.

  friend auto operator<=>(const Gram&, const Gram&) = default;
};

// Calls `visit` with the hash of each gram of words of a text that is not folded yet.
template <typename Visit>
void ForEachWordGram(std::string_view text, const Visit& visit) {
  size_t words = 0;    // Word bytes since another.
  size_t numbers = 0;  // Number bytes since another.
  uint32_t window = 0;
  for (const char c : text) {
    const uint8_t byte = FoldByte(static_cast<uint8_t>(c));
    words = IsWordByte(byte) ? words + 1 : 0;
    numbers = IsNumberByte(byte) ? numbers + 1 : 0;
    window = window >> 8 | static_cast<uint32_t>(byte) << 24;
    if (words >= kShortGram && numbers < kShortGram) visit(HashGram(window));
  }
}

}  // namespace skald::chunkstore
