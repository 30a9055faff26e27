#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "chunkstore/format/region_table.h"
#include "common/bytes.h"
#include "common/status.h"

namespace skald::chunkstore {

inline constexpr uint64_t kWholeRange = uint64_t{1} << 32;

struct KeySetOptions {
  uint64_t range = kWholeRange;  // What keys are scaled to: 1 to kWholeRange.
  size_t keys_a_region = 512;    // On average, at most.
};

// A set of 32-bit keys that are spread evenly, stored as the gaps between them: keys are scaled
// down to a smaller range, so that a few that were never added are taken for members, and none that
// was is denied.
//
// Format: FORMAT.md.
//
// `keys` are sorted, each there once. Empty (no table) if they are spread too unevenly.
EncodedKeySet EncodeKeySet(std::span<const uint32_t> keys, const KeySetOptions& options);

// The table of a set, and how its regions are read.
//
// Threads: immutable; any thread may ask.
class KeySetTable {
 public:
  KeySetTable() = default;  // A set without keys.

  // Takes a table off the front of what `reader` holds. kDataLoss for what was never written.
  static Result<KeySetTable> Decode(ByteReader& reader);

  uint64_t keys() const { return keys_; }
  const RegionTable& regions() const { return regions_; }

  // Whether `region`, the bytes of regions().RegionOf(key), holds it. kDataLoss for damage.
  Result<bool> Has(uint32_t key, std::string_view region) const;
  // The same of up to 32 keys of one region, ascending: a bit each, the lowest for the first.
  Result<uint32_t> Which(std::span<const uint32_t> keys, std::string_view region) const;

 private:
  uint64_t keys_ = 0;
  uint64_t range_ = kWholeRange;
  int rice_bits_ = 0;
  RegionTable regions_;
};

}  // namespace skald::chunkstore
