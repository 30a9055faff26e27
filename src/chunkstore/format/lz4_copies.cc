#include "chunkstore/format/lz4_copies.h"

#include "common/status.h"

// An lz4 block is a run of sequences; the last one ends with its literals:
//
//   sequence := token  length*  literal*  offset:u16  length*
//
// The token's high half counts literals, its low half copied bytes less four; 15 in either says
// that bytes follow to be added, up to one that is not 255. `abcabcabcabc!` begins with
// `36 a b c 03 00`: three literals, then 6 + 4 bytes copied from three before.
//
// Sequences are short, some 25 bytes of text, and their lengths are as random as the text: a branch
// on one costs more than all else. So there is none but for rare lengths.
namespace skald::chunkstore {
namespace {

constexpr size_t kMinCopy = 4;
constexpr size_t kLongLength = 15;
constexpr size_t kOffsetBytes = 2;

// Adds the bytes that follow a token to `length`, the half of it. May look at a byte that is not
// the length's, but not past the zero at a string's end.
inline size_t TakeLength(const uint8_t*& next, size_t length) {
  const bool is_long = length == kLongLength;
  size_t more = *next;
  length += is_long ? more : 0;
  next += is_long;
  if (is_long && more == 255) [[unlikely]] {
    do {
      more = *next++;
      length += more;
    } while (more == 255);
  }
  return length;
}

// Sets the bits [begin, end). Requires: begin < end.
inline void SetBits(uint64_t* bits, size_t begin, size_t end) {
  const size_t first = begin / 64;
  const size_t last = (end - 1) / 64;
  const uint64_t from = ~uint64_t{0} << (begin % 64);
  const uint64_t to = ~uint64_t{0} >> (63 - (end - 1) % 64);
  const uint64_t same = first == last ? ~uint64_t{0} : 0;
  bits[first] |= from & (to | ~same);
  bits[last] |= to & (from | ~same);
  for (size_t word = first + 1; word < last; ++word) bits[word] = ~uint64_t{0};
}

}  // namespace

void FindLz4Copies(const std::string& block, size_t raw_bytes, size_t before,
                   std::vector<uint64_t>& copied) {
  copied.assign(raw_bytes / 64 + 1, 0);
  const auto* next = reinterpret_cast<const uint8_t*>(block.data());
  const uint8_t* const end = next + block.size();
  size_t at = 0;  // In the text.
  while (next < end) {
    const size_t token = *next++;
    size_t literals = token >> 4;
    if (literals == kLongLength) [[unlikely]]
      literals = TakeLength(next, literals);
    next += literals;
    at += literals;
    if (next >= end) break;
    next += kOffsetBytes;
    const size_t length = TakeLength(next, token & 0xf) + kMinCopy;
    if (length > before) SetBits(copied.data(), at + before, at + length);
    at += length;
  }
  SKALD_DCHECK(next == end && at == raw_bytes);
}

}  // namespace skald::chunkstore
