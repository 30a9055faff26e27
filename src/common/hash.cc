#include "common/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>
#include <cstring>

#if defined(__SSE4_2__)
#include <nmmintrin.h>
#endif

namespace skald {
namespace {

#if defined(__SSE4_2__)

// The instruction takes one cycle but its result comes two later, so three lanes of bytes are
// worked on at once. A lane's checksum is joined to the next by advancing it over as many zero
// bytes as the lane has, which is a linear map: a table for each of the checksum's bytes.
constexpr size_t kLongLane = 1024;  // Powers of two: for columns ...
constexpr size_t kShortLane = 128;  // ... and for what is left of them, and records.

using LaneTable = std::array<std::array<uint32_t, 256>, 4>;

constexpr uint32_t Apply(const std::array<uint32_t, 32>& matrix, uint32_t vector) {
  uint32_t sum = 0;
  for (int bit = 0; bit < 32; ++bit) sum ^= (vector >> bit & 1) != 0 ? matrix[bit] : 0;
  return sum;
}

// Advances over so many zero bytes.
constexpr LaneTable MakeLaneTable(size_t lane_bytes) {
  constexpr uint32_t kReversedPolynomial = 0x82f63b78;
  std::array<uint32_t, 32> matrix{kReversedPolynomial};  // Advances by one zero bit.
  for (int bit = 1; bit < 32; ++bit) matrix[bit] = uint32_t{1} << (bit - 1);
  for (size_t bits = 1; bits < 8 * lane_bytes; bits *= 2) {
    std::array<uint32_t, 32> twice{};
    for (int bit = 0; bit < 32; ++bit) twice[bit] = Apply(matrix, matrix[bit]);
    matrix = twice;
  }
  LaneTable table{};
  for (int byte = 0; byte < 4; ++byte) {
    for (uint32_t value = 0; value < 256; ++value) {
      table[byte][value] = Apply(matrix, value << (8 * byte));
    }
  }
  return table;
}

template <size_t kLaneBytes>
constexpr LaneTable kOverLane = MakeLaneTable(kLaneBytes);

template <size_t kLaneBytes>
uint32_t AdvanceOverLane(uint32_t crc) {
  constexpr const LaneTable& kTable = kOverLane<kLaneBytes>;
  return kTable[0][crc & 0xff] ^ kTable[1][crc >> 8 & 0xff] ^ kTable[2][crc >> 16 & 0xff] ^
         kTable[3][crc >> 24];
}

uint64_t ExtendByWord(uint64_t crc, const char* p) {
  uint64_t word;
  std::memcpy(&word, p, sizeof word);
  return _mm_crc32_u64(crc, word);
}

// Takes three lanes at a time off the front of the bytes.
template <size_t kLaneBytes>
uint64_t ExtendByLanes(uint64_t crc, const char*& p, size_t& n) {
  for (; n >= 3 * kLaneBytes; n -= 3 * kLaneBytes, p += 3 * kLaneBytes) {
    uint64_t second = 0;
    uint64_t third = 0;
    for (size_t i = 0; i < kLaneBytes; i += 8) {
      crc = ExtendByWord(crc, p + i);
      second = ExtendByWord(second, p + kLaneBytes + i);
      third = ExtendByWord(third, p + 2 * kLaneBytes + i);
    }
    crc = AdvanceOverLane<kLaneBytes>(static_cast<uint32_t>(crc)) ^ second;
    crc = AdvanceOverLane<kLaneBytes>(static_cast<uint32_t>(crc)) ^ third;
  }
  return crc;
}

uint32_t ExtendCrc32c(uint32_t crc, const char* p, size_t n) {
  uint64_t wide = ExtendByLanes<kLongLane>(crc, p, n);
  wide = ExtendByLanes<kShortLane>(wide, p, n);
  for (; n >= 8; n -= 8, p += 8) wide = ExtendByWord(wide, p);
  crc = static_cast<uint32_t>(wide);
  for (; n > 0; --n, ++p) crc = _mm_crc32_u8(crc, static_cast<uint8_t>(*p));
  return crc;
}

#else

constexpr std::array<uint32_t, 256> kCrcTable = [] {
  constexpr uint32_t kReversedPolynomial = 0x82f63b78;
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? kReversedPolynomial : 0);
    table[i] = crc;
  }
  return table;
}();

uint32_t ExtendCrc32c(uint32_t crc, const char* p, size_t n) {
  for (; n > 0; --n, ++p) crc = kCrcTable[(crc ^ static_cast<uint8_t>(*p)) & 0xff] ^ (crc >> 8);
  return crc;
}

#endif

}  // namespace

uint64_t Xxh64(std::string_view bytes) { return XXH64(bytes.data(), bytes.size(), 0); }

uint64_t Hash64(std::string_view bytes, uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

uint32_t Crc32c(std::string_view bytes, uint32_t init) {
  return ~ExtendCrc32c(~init, bytes.data(), bytes.size());
}

}  // namespace skald
