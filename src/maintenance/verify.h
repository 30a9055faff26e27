#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/files.h"
#include "common/status.h"
#include "maintenance/data_folders.h"
#include "maintenance/finding.h"

namespace skald::maintenance {

struct VerifyOptions {
  bool deep = false;  // Filters are asked for the words of all lines, not of a sample.
};

struct Verification {
  std::vector<Finding> findings;
  uint64_t packs = 0;
  uint64_t chunks = 0;
  uint64_t blocks = 0;
  uint64_t entries = 0;
  uint64_t filtered_words = 0;  // That filters were asked for.
  uint64_t indexed_chunks = 0;
  uint64_t wal_segments = 0;
  uint64_t wal_entries = 0;

  bool sound() const;  // No finding is a fault.
  // A line a finding, and a last one that counts.
  std::string ToText() const;
  std::string ToJson() const;
};

// Reads log, packs and index: checksums and contents of log, packs and blocks; tables of the index
// (IndexAudit::CheckTables), the index against itself and against packs; filters against lines.
// Changes nothing, and may be used while the server runs. An error says that a folder cannot be
// read at all, kNotFound that there is nothing of a server in any.
//
// Threads: a function.
// Cost:    reads every byte of them, of tables three times; one chunk or one segment of the log in
//          memory, and what IndexCheck keeps.
Result<Verification> Verify(FileSystem& files, const DataFolders& folders,
                            const VerifyOptions& options);

}  // namespace skald::maintenance
