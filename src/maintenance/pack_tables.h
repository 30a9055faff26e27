#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "common/files.h"
#include "common/status.h"
#include "maintenance/finding.h"
#include "maintenance/table.h"

namespace skald::maintenance {

// Sums of what packs hold.
struct PackTotals {
  uint64_t packs = 0;
  uint64_t compacted = 0;
  uint64_t bytes = 0;
  uint64_t chunks = 0;
  uint64_t blocks = 0;
  uint64_t entries = 0;
  uint64_t line_bytes = 0;
  uint64_t metadata_bytes = 0;
  uint64_t filters_bytes = 0;  // Of blocks.
  uint64_t pack_filters_bytes = 0;
};

// What is shown of packs.
struct PackTables {
  PackTotals totals;
  std::vector<Table> tables;
};

// The tables of packs, chunks, blocks, columns and filters that are wanted, of all packs in that
// folder. With filters comes filters_kept, which sums up what share of grams they tell of. What
// cannot be read is a finding, and left out.
//
// Threads: a function.
// Cost:    reads the directory of each pack and the head of each chunk, and filters of blocks if
//          they are wanted.
Result<PackTables> ReadPackTables(FileSystem& files, const std::string& folder,
                                  const std::set<std::string>& wanted, const OnFinding& on_finding);

}  // namespace skald::maintenance
