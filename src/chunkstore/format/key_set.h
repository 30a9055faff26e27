#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/bytes.h"
#include "common/status.h"

namespace skald::chunkstore {

// A set of 32-bit keys that are spread evenly, stored in few bits each: keys are scaled down to a
// smaller range, so that a few that were never added are taken for members, and none that was is
// denied. It is cut into regions by the first bits of keys, so that asking for a key needs a small
// part of it.
//
// Format: FORMAT.md.
struct EncodedKeySet {
  std::string table;    // Where regions are.
  std::string regions;  // Each with its crc.

  uint64_t bytes() const { return table.size() + regions.size(); }
};

// Of a key, as many bits at most name its region.
inline constexpr int kMaxRegionBits = 16;

inline constexpr uint64_t kWholeRange = uint64_t{1} << 32;

struct KeySetOptions {
  uint64_t range = kWholeRange;  // What keys are scaled to: 1 to kWholeRange.
  size_t keys_a_region = 512;    // On average, at most.
};

// `keys` are sorted, each there once. Empty (no table) if they are spread too unevenly.
EncodedKeySet EncodeKeySet(std::span<const uint32_t> keys, const KeySetOptions& options);

// The range for so many keys with which the set takes at most `max_bytes` and an absent key is
// taken for a member as seldom as that allows, but once in 1,000 times: more would be waste. 0 if
// even once in 8 times is not to be had.
uint64_t KeyRangeFor(size_t keys, uint64_t max_bytes);

// The table of a set, and how its regions are read.
//
// Threads: immutable; any thread may ask.
class KeySetTable {
 public:
  struct Region {
    uint64_t offset = 0;  // From the first region.
    uint64_t bytes = 0;
  };

  KeySetTable() = default;  // A set without keys.

  // Takes a table off the front of what `reader` holds. kDataLoss for what was never written.
  static Result<KeySetTable> Decode(ByteReader& reader);

  uint64_t keys() const { return keys_; }
  uint64_t regions_bytes() const { return regions_bytes_; }
  size_t MemoryBytes() const {
    return sizes_.capacity() * sizeof(uint16_t) + begins_.capacity() * sizeof(uint32_t);
  }

  // The region in which `key` would be.
  Region RegionOf(uint32_t key) const;
  // Of all regions, one after the other: kDataLoss unless each is sound.
  Status Check(std::string_view regions) const;
  // Whether `region`, the bytes of RegionOf(key), holds it. kDataLoss for damage.
  Result<bool> Has(uint32_t key, std::string_view region) const;
  // The same of up to 32 keys of one region, ascending: a bit each, the lowest for the first.
  Result<uint32_t> Which(std::span<const uint32_t> keys, std::string_view region) const;

 private:
  uint64_t keys_ = 0;
  uint64_t range_ = kWholeRange;
  int region_bits_ = 0;
  int rice_bits_ = 0;
  // Tables of many packs are kept in memory: where most regions begin is a sum.
  std::vector<uint16_t> sizes_;   // Of regions.
  std::vector<uint32_t> begins_;  // Of each 32nd.
  uint64_t regions_bytes_ = 0;
};

}  // namespace skald::chunkstore
