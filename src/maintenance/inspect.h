#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/files.h"
#include "common/status.h"
#include "maintenance/data_folders.h"
#include "maintenance/finding.h"
#include "maintenance/table.h"

namespace skald::maintenance {

// What Inspect can show. "summary" is shown if nothing is asked for.
inline constexpr std::string_view kInspections[] = {"summary", "packs",   "chunks", "blocks",
                                                    "columns", "filters", "index",  "wal"};

struct Inspection {
  std::vector<Table> tables;
  std::vector<Finding> findings;  // What could not be read.

  std::string ToText() const;
  std::string ToJson() const;
};

// Shows what a server has stored, without changing anything, also while it runs. What is damaged
// is a finding, and the rest is shown. An error says that a folder cannot be read at all,
// kNotFound that there is nothing of a server in any.
//
// Threads: a function.
// Cost:    reads the directory of each pack and the head of each chunk; filters, index and log
//          wholly, where they are asked for. Never entries of packs.
Result<Inspection> Inspect(FileSystem& files, const DataFolders& folders,
                           const std::set<std::string>& wanted);

}  // namespace skald::maintenance
