#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "chunkstore/format/chunk_layout.h"
#include "chunkstore/format/extents.h"
#include "chunkstore/format/line_filter.h"
#include "common/status.h"

namespace skald::chunkstore {

// Which filters of blocks are asked for.
struct FilterChoice {
  LineFilterParts lines = kAllLineFilterParts;  // One that is in one piece: if it is not 0.
  bool metadata_values = true;

  FilterChoice& operator|=(const FilterChoice& other) {
    lines |= other.lines;
    metadata_values |= other.metadata_values;
    return *this;
  }
  // All that this asks for and `other` does not.
  FilterChoice Without(const FilterChoice& other) const {
    return {.lines = static_cast<LineFilterParts>(lines & ~other.lines),
            .metadata_values = metadata_values && !other.metadata_values};
  }
  friend bool operator==(const FilterChoice&, const FilterChoice&) = default;
};

inline constexpr FilterChoice kNoFilters{.lines = 0, .metadata_values = false};

// Filters of a block; what it has not, or was not asked for, is empty.
struct BlockFilters {
  LineFilter lines;
  std::string_view metadata_values;

  // Takes in what it has not.
  void Add(const BlockFilters& more) {
    lines.Add(more.lines);
    if (metadata_values.empty()) metadata_values = more.metadata_values;
  }
};

// What must be read of a chunk's filters for these, as JoinExtents has it.
std::vector<Extent> WantedExtents(std::span<const BlockHeader> blocks, const FilterChoice& choice);

// The wanted filters of a block. `parts` hold at least WantedExtents, and are borrowed. kDataLoss
// if bytes of one are damaged or missing.
Result<BlockFilters> FindFilters(const BlockHeader& block, const FilterChoice& choice,
                                 std::span<const StoredPart> parts);

// The same out of all filters of the chunk or, where the block is not in one yet, its own.
Result<BlockFilters> FindFilters(const BlockHeader& block, std::string_view filters,
                                 const FilterChoice& choice = {});

}  // namespace skald::chunkstore
