#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/bytes.h"
#include "common/status.h"

namespace skald::chunkstore {

// A set of keys is cut into regions by the first bits of keys, so that asking for a key needs a
// small part of it; each has its own crc.
//
// Format: FORMAT.md.
inline constexpr int kMaxRegionBits = 16;

// So many bits of a key name its region, that one has at most `keys_a_region` on average.
int RegionBits(uint64_t keys, uint64_t keys_a_region);

// A set on its way into a filter.
struct EncodedKeySet {
  std::string table;    // How to read regions, and how long each is.
  std::string regions;  // One after the other.

  // The next region, the first one first; empty for one without keys. False if it is too long.
  bool Add(std::string_view region);
  uint64_t bytes() const { return table.size() + regions.size(); }
};

// Where the regions of a set are.
//
// Threads: immutable; any thread may ask.
class RegionTable {
 public:
  struct Region {
    uint64_t offset = 0;  // From the first region.
    uint64_t bytes = 0;
  };
  static constexpr size_t kCrcBytes = 4;  // At a region's end.

  RegionTable() = default;  // A set without keys.

  // Takes the lengths of regions off the front of what `reader` holds. kDataLoss if they are cut
  // short. Requires: 0 <= region_bits <= kMaxRegionBits.
  static Result<RegionTable> Decode(int region_bits, ByteReader& reader);

  int region_bits() const { return region_bits_; }
  uint64_t regions_bytes() const { return regions_bytes_; }
  // Of each region.
  const std::vector<uint16_t>& sizes() const { return sizes_; }
  size_t MemoryBytes() const {
    return sizes_.capacity() * sizeof(uint16_t) + begins_.capacity() * sizeof(uint32_t);
  }

  // The region in which `key` would be.
  Region RegionOf(uint32_t key) const;
  // What `region`, the bytes of RegionOf(key), holds besides its crc; nothing of one without keys.
  // kDataLoss for damage.
  Result<std::string_view> Open(uint32_t key, std::string_view region) const;
  // Of all regions, one after the other: kDataLoss unless each is sound.
  Status Check(std::string_view regions) const;

 private:
  int region_bits_ = 0;
  // Tables of many packs are kept in memory: where most regions begin is a sum.
  std::vector<uint16_t> sizes_;
  std::vector<uint32_t> begins_;  // Of each 32nd.
  uint64_t regions_bytes_ = 0;
};

}  // namespace skald::chunkstore
