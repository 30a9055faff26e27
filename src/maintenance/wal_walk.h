#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/files.h"
#include "common/status.h"
#include "maintenance/finding.h"

namespace skald::maintenance {

// What a segment of a write-ahead log holds.
struct WalSegmentSummary {
  uint64_t segment = 0;
  std::string path = {};
  uint64_t bytes = 0;
  uint64_t frames = 0;
  uint64_t payload_bytes = 0;  // Of frames, unpacked.
  uint64_t streams = 0;        // Defined in it.
  uint64_t entries = 0;
  uint64_t line_bytes = 0;
  uint64_t damaged_bytes = 0;  // Of no whole frame.
  uint64_t end = 0;            // Behind the last whole frame, or the damage behind that.
  uint64_t successor = 0;      // The segment that it says was begun after it; 0: none.
};

// Reads all segments in a folder, oldest first, down to their entries; what is damaged is a
// finding, and reading goes on behind it. An unfinished frame at the end of a segment is a note:
// it was being written when the process died, or is now. So is a segment that is gone though an
// older one is there a finding, and what a log that was closed lacks of what it had then.
//
// Threads: a function.
// Cost:    one segment in memory.
Result<std::vector<WalSegmentSummary>> WalkWal(FileSystem& files, const std::string& folder,
                                               const OnFinding& on_finding);

}  // namespace skald::maintenance
