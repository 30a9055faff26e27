#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace skald {

// XXH3, 64 bits. Stable across versions and machines: stored in indexes and filters.
uint64_t Hash64(std::string_view bytes, uint64_t seed = 0);

// XXH64, for values that clients know from Loki. Slower on short texts; not stored.
uint64_t Xxh64(std::string_view bytes);

// CRC-32C (Castagnoli), as every unit at rest carries it.
uint32_t Crc32c(std::string_view bytes, uint32_t init = 0);

// Mixes two hashes; order matters.
constexpr uint64_t HashCombine(uint64_t a, uint64_t b) {
  a ^= b + 0x9e3779b97f4a7c15ull + (a << 6) + (a >> 2);
  a *= 0xff51afd7ed558ccdull;
  return a ^ (a >> 32);
}

struct StringHash {
  using is_transparent = void;
  size_t operator()(std::string_view s) const { return Hash64(s); }
};
struct StringEqual {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const { return a == b; }
};

// String keys, found by std::string_view without a copy.
template <typename V>
using StringMap = absl::flat_hash_map<std::string, V, StringHash, StringEqual>;

// As StringMap, but keys are views of text that the caller keeps alive.
template <typename V>
using ViewMap = absl::flat_hash_map<std::string_view, V, StringHash, StringEqual>;

// A hash set of keys that Hash and Equal tell by what they stand for.
template <typename K, typename Hash, typename Equal>
using HashSet = absl::flat_hash_set<K, Hash, Equal>;

// A hash map with keys that are no strings.
template <typename K, typename V>
using HashMap = absl::flat_hash_map<K, V>;

}  // namespace skald
