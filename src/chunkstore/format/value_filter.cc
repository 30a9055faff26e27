#include "chunkstore/format/value_filter.h"

#include <algorithm>
#include <array>

#include "common/bytes.h"

namespace skald::chunkstore {
namespace {

constexpr size_t kProbes = 5;
// With ten bits a pair one that was never added passes once in a hundred times; with four, once in
// five.
constexpr size_t kBitsAPair = 10;
constexpr size_t kMinBitsAPair = 4;

constexpr uint64_t kFactor = 0x9e3779b97f4a7c15;
constexpr uint64_t kLastFactor = 0xff51afd7ed558ccd;

constexpr uint64_t Mix(uint64_t x, uint64_t factor) {
  x *= factor;
  return x ^ x >> 32;
}

// Up to eight bytes, as if zeros followed.
uint64_t WordOf(std::string_view bytes) {
  uint64_t word = 0;
  for (size_t i = 0; i < std::min<size_t>(bytes.size(), 8); ++i) {
    word |= uint64_t{static_cast<uint8_t>(bytes[i])} << (8 * i);
  }
  return word;
}

uint64_t AddText(uint64_t hash, std::string_view text) {
  for (; text.size() >= 8; text.remove_prefix(8)) {
    hash = Mix(hash ^ LoadFixed64(text.data()), kFactor);
  }
  return Mix(hash ^ WordOf(text), kFactor);
}

// The bits of a pair in a filter of `bits` bits.
std::array<size_t, kProbes> BitsOf(uint64_t hash, uint64_t bits) {
  std::array<size_t, kProbes> out{};
  auto at = static_cast<uint32_t>(hash);
  const auto step = static_cast<uint32_t>(hash >> 32 | 1);
  for (size_t& bit : out) {
    bit = at * bits >> 32;
    at += step;
  }
  return out;
}

}  // namespace

uint64_t HashValue(std::string_view name, std::string_view value) {
  const uint64_t sizes = name.size() + (uint64_t{value.size()} << 32);
  return Mix(AddText(AddText(sizes, name), value), kLastFactor);
}

std::string EncodeValueFilter(std::span<const uint64_t> hashes, size_t max_bytes) {
  const size_t wanted = (hashes.size() * kBitsAPair + 63) / 64 * 8;
  const size_t bytes = std::min(wanted, max_bytes / 8 * 8);
  if (bytes == 0 || bytes * 8 < hashes.size() * kMinBitsAPair) return {};
  std::string filter(bytes, '\0');
  for (const uint64_t hash : hashes) {
    for (const size_t bit : BitsOf(hash, bytes * 8)) {
      filter[bit / 8] = static_cast<char>(filter[bit / 8] | 1 << bit % 8);
    }
  }
  return filter;
}

bool MayHaveValue(std::string_view filter, uint64_t hash) {
  if (filter.empty() || filter.size() % 8 != 0) return true;
  return std::ranges::all_of(BitsOf(hash, filter.size() * 8), [&](size_t bit) {
    return (static_cast<uint8_t>(filter[bit / 8]) >> bit % 8 & 1) != 0;
  });
}

}  // namespace skald::chunkstore
