#include "chunkstore/format/lz4_packer.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "common/bytes.h"
#include "common/status.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// An lz4 block is a run of sequences; the last one ends with its literals:
//
//   sequence := token  length*  literal*  offset:u16  length*
//
// The token's high half counts literals, its low half copied bytes less four; 15 in either says
// that bytes follow to be added, up to one that is not 255. `abcabcabcabc!` begins with
// `36 a b c 03 00`: three literals, then 6 + 4 bytes copied from three before. The last five bytes
// are literals.
//
// Sequences of logs are short, some 25 bytes of text, and their lengths are as random as the text:
// what a sequence costs are the branches that are taken wrongly. So
//   - a match must have kMinMatch bytes. Shorter ones save next to nothing, but are many;
//   - of eight bytes the last two places are known, as the line before is often not the one that is
//     most alike, and of fewer bytes, which other texts live on, the last one;
//   - what begins a byte later is taken instead if it is longer. Nothing else is tried: each try is
//     a branch;
//   - lengths are found, literals copied and copies marked by steps that are longer than most of
//     them, whatever the length is;
//   - the longer nothing has matched, the fewer places are looked at. In front of a match that is
//     found late are bytes that match too, which are found backwards.
//
// Places are kept modulo 2^16, as farther back than that an lz4 copy cannot reach: they take half
// the room, and as all of them begin as zero none is ever before the text.
namespace skald::chunkstore {
namespace {

constexpr size_t kMinMatch = 5;
constexpr size_t kWord = sizeof(uint64_t);
constexpr size_t kMinCopy = 4;  // The length that a token's zero stands for.
constexpr size_t kLongLength = 15;
constexpr size_t kLastLiterals = 5;
// No match begins in the last bytes, so that what is read and written in steps stays in its buffer.
constexpr size_t kTail = 32;
constexpr size_t kStep = 16;
constexpr int kMinPlaceBits = 8;
// As many places in vain, and every second one is looked at; as many again, every third.
constexpr size_t kPatience = 4;
// A match that is good enough to be taken without a look at the next byte.
constexpr size_t kLongMatch = 48;

constexpr uint64_t kHashFactor = 0x9e3779b97f4a7c15ull;

uint64_t FirstBytes(uint64_t word) { return word << (64 - 8 * kMinMatch); }

#if defined(__SSE2__)
// Which of the kStep bytes at `a` and `b` are not the same, a bit for each.
uint32_t Differences(const char* a, const char* b) {
  const __m128i equal = _mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(a)),
                                       _mm_loadu_si128(reinterpret_cast<const __m128i*>(b)));
  return static_cast<uint32_t>(_mm_movemask_epi8(equal)) ^ 0xffff;
}
#endif

// How many bytes from `at` on equal those `distance` before, up to `end`.
size_t MatchLength(const char* at, size_t distance, const char* end) {
  const char* const begin = at;
#if defined(__SSE2__)
  for (; at + 2 * kStep <= end; at += 2 * kStep) {
    const uint32_t found =
        Differences(at, at - distance) | Differences(at + kStep, at + kStep - distance) << kStep;
    if (found == 0) continue;
    return static_cast<size_t>(at - begin) + static_cast<size_t>(std::countr_zero(found));
  }
#endif
  for (; at + sizeof(uint64_t) <= end; at += sizeof(uint64_t)) {
    const uint64_t difference = LoadFixed64(at) ^ LoadFixed64(at - distance);
    if (difference == 0) continue;
    return static_cast<size_t>(at - begin) + static_cast<size_t>(std::countr_zero(difference)) / 8;
  }
  while (at < end && *at == *(at - distance)) ++at;
  return static_cast<size_t>(at - begin);
}

// What is to be added to a length of kLongLength or more.
char* PutRest(size_t rest, char* out) {
  for (; rest >= 255; rest -= 255) *out++ = static_cast<char>(255);
  *out++ = static_cast<char>(rest);
  return out;
}

// A token with the literals [begin, end). Writes up to kTail bytes more. Requires: as many bytes
// can be read behind them.
char* PutLiterals(const char* begin, const char* end, char* out) {
  const auto count = static_cast<size_t>(end - begin);
  if (count < kLongLength) {
    *out++ = static_cast<char>(count << 4);
    std::memcpy(out, begin, kStep);
    return out + count;
  }
  *out++ = static_cast<char>(kLongLength << 4);
  out = PutRest(count - kLongLength, out);
  std::memcpy(out, begin, kTail);
  if (count > kTail) [[unlikely]]
    std::memcpy(out, begin, count);
  return out + count;
}

// The rest of a sequence that began at `token`.
char* PutCopy(size_t distance, size_t length, char* token, char* out) {
  *out++ = static_cast<char>(distance);
  *out++ = static_cast<char>(distance >> 8);
  const size_t counted = length - kMinCopy;
  *token = static_cast<char>(*token | static_cast<char>(std::min(counted, kLongLength)));
  if (counted >= kLongLength + 255) [[unlikely]]
    return PutRest(counted - kLongLength, out);
  *out = static_cast<char>(counted - kLongLength);
  return out + (counted >= kLongLength);
}

// Sets the bits [begin, end). Requires: begin < end.
void SetBits(uint64_t* bits, size_t begin, size_t end) {
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

std::string_view Lz4Packer::Pack(std::string_view text, std::vector<uint64_t>& copied) {
  copied.assign(text.size() / 64 + 1, 0);
  // What literals alone would take, and what is written too much behind them.
  const size_t bound = text.size() + text.size() / 255 + kStep + kTail;
  if (room_ < bound) {
    packed_ = std::make_unique_for_overwrite<char[]>(bound);
    room_ = bound;
  }
  char* out = packed_.get();
  const char* at = text.data();
  if (text.size() > kTail) at = PackSequences(text, out, copied.data());
  const auto literals = static_cast<size_t>(text.data() + text.size() - at);
  *out++ = static_cast<char>(std::min(literals, kLongLength) << 4);
  if (literals >= kLongLength) out = PutRest(literals - kLongLength, out);
  if (literals > 0) std::memcpy(out, at, literals);
  const size_t bytes = static_cast<size_t>(out - packed_.get()) + literals;
  SKALD_DCHECK(bytes <= bound);
  return {packed_.get(), bytes};
}

struct Lz4Packer::Text {
  const char* begin;
  const char* end;  // Of what may be copied.
  int place_bits;   // A small text needs no more of the tables than it has bytes.

  uint16_t PlaceOf(const char* at) const { return static_cast<uint16_t>(at - begin); }
  size_t Hash(uint64_t word) const { return word * kHashFactor >> (64 - place_bits); }
  bool HasWord(const char* at, size_t distance) const {
    return distance != 0 && LoadFixed64(at) == LoadFixed64(at - distance);
  }
  // How many bytes match at `at`, if `first` that are known to be equal do.
  size_t LengthAt(const char* at, size_t distance, size_t first) const {
    return first + MatchLength(at + first, distance, end);
  }
};

struct Lz4Packer::Match {
  size_t distance;
  size_t length;
};

// What follows is called at each byte that is looked at, and inlined so that what it needs of the
// text stays in registers.

// How far before a place its eight bytes were seen last, and before that; 0: nowhere.
struct Lz4Packer::Places {
  size_t newer;
  size_t older;
};

[[gnu::always_inline]] inline Lz4Packer::Places Lz4Packer::Learn(const Text& text, const char* at) {
  uint32_t& places = long_places_[text.Hash(LoadFixed64(at))];
  const uint16_t here = text.PlaceOf(at);
  const Places before{static_cast<uint16_t>(here - places),
                      static_cast<uint16_t>(here - (places >> 16))};
  places = places << 16 | here;
  return before;
}

[[gnu::always_inline]] inline size_t Lz4Packer::LearnShort(const Text& text, const char* at) {
  uint16_t& place = short_places_[text.Hash(FirstBytes(LoadFixed64(at)))];
  const size_t distance = static_cast<uint16_t>(text.PlaceOf(at) - place);
  place = text.PlaceOf(at);
  return distance;
}

[[gnu::always_inline]] inline Lz4Packer::Match Lz4Packer::FindMatch(const Text& text,
                                                                    const char* at) {
  const Places places = Learn(text, at);
  const size_t short_distance = LearnShort(text, at);
  const bool is_newer = text.HasWord(at, places.newer);
  const bool is_older = text.HasWord(at, places.older);
  if (is_newer | is_older) {
    const size_t newer = is_newer ? text.LengthAt(at, places.newer, kWord) : 0;
    const size_t older = is_older ? text.LengthAt(at, places.older, kWord) : 0;
    return older > newer ? Match{places.older, older} : Match{places.newer, newer};
  }
  const uint64_t differs = LoadFixed64(at) ^ LoadFixed64(at - short_distance);
  if (short_distance == 0 || FirstBytes(differs) != 0) return {0, 0};
  return {short_distance, text.LengthAt(at, short_distance, kMinMatch)};
}

[[gnu::always_inline]] inline bool Lz4Packer::FindLonger(const Text& text, const char* at,
                                                         Match& match) {
  const Places places = Learn(text, at);
  for (const size_t distance : {places.newer, places.older}) {
    if (!text.HasWord(at, distance)) continue;
    const size_t length = text.LengthAt(at, distance, kWord);
    if (length <= match.length + 1) continue;
    match = {distance, length};
    return true;
  }
  return false;
}

const char* Lz4Packer::PackSequences(std::string_view lines, char*& out, uint64_t* copied) {
  const char* const begin = lines.data();
  const char* const last = begin + lines.size() - kTail;
  const Text text{.begin = begin,
                  .end = begin + lines.size() - kLastLiterals,
                  .place_bits = std::clamp(static_cast<int>(std::bit_width(lines.size())),
                                           kMinPlaceBits, kPlaceBits)};
  std::fill_n(long_places_.begin(), size_t{1} << text.place_bits, uint32_t{0});
  std::fill_n(short_places_.begin(), size_t{1} << text.place_bits, uint16_t{0});
  const char* literals = begin;
  size_t misses = 0;
  for (const char* at = begin + 1; at < last;) {
    Match match = FindMatch(text, at);
    if (match.length == 0) {
      at += 1 + misses++ / kPatience;
      continue;
    }
    misses = 0;
    if (match.length < kLongMatch && FindLonger(text, at + 1, match)) ++at;
    const size_t distance = match.distance;
    size_t length = match.length;
    while (at > literals && at - distance > begin && at[-1] == *(at - distance - 1)) {
      --at;
      ++length;
    }
    char* const token = out;
    out = PutCopy(distance, length, token, PutLiterals(literals, at, out));
    const auto offset = static_cast<size_t>(at - begin);
    SetBits(copied, offset + kBefore, offset + length);
    literals = at + length;
    if (literals < last) {
      Learn(text, at + 2);
      Learn(text, literals - 2);
      LearnShort(text, literals - 2);
    }
    at = literals;
  }
  return literals;
}

}  // namespace skald::chunkstore
