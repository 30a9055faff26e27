#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "chunkstore/format/region_table.h"
#include "common/bytes.h"
#include "common/status.h"

namespace skald::chunkstore {

// A set of pairs of a key and a group, that takes few bits for each: a pair that was never added
// is taken for a member once in 2^n times with some n + n / 25 bits, and none that was is denied.
// Keys are spread evenly; their first bits name the region of a pair. What it is made of is told in
// the .cc.
//
// Format: FORMAT.md.
inline constexpr uint32_t kMaxGroups = 32;  // Groups are numbered from 0.
using GroupBits = uint32_t;                 // A bit each.

constexpr uint64_t RibbonPair(uint32_t key, uint32_t group) {
  return static_cast<uint64_t>(key) << 32 | group;
}

// In at most `max_bytes`, and with no more bits than it takes to be wrong once in 4096 times: more
// would be waste. Empty (no table) where that is not even once in 8 times. `pairs` come in any
// order, and may come again.
EncodedKeySet EncodeRibbonSet(std::vector<uint64_t> pairs, uint64_t max_bytes);

// The same set in at most `max_bytes`, by fewer bits a pair. Requires: `table` and `regions` are
// sound. Empty where that is wrong more often than once in 8 times.
EncodedKeySet NarrowRibbonSet(std::string_view table, std::string_view regions, uint64_t max_bytes);

// The table of a set, and how its regions are read.
//
// Threads: immutable; any thread may ask.
class RibbonTable {
 public:
  // Takes a table off the front of what `reader` holds. kDataLoss for what was never written.
  static Result<RibbonTable> Decode(ByteReader& reader);

  uint64_t keys() const { return keys_; }  // Pairs, that is.
  int print_bits() const { return print_bits_; }
  const RegionTable& regions() const { return regions_; }

  // The groups with which `key` is there. `region` are the bytes of regions().RegionOf(key).
  // kDataLoss for damage.
  Result<GroupBits> GroupsOf(uint32_t key, std::string_view region) const;

 private:
  uint64_t keys_ = 0;
  int print_bits_ = 0;
  RegionTable regions_;
};

}  // namespace skald::chunkstore
