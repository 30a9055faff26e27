#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/files.h"
#include "common/status.h"

namespace skald::maintenance {

// Written last: a folder with it is a snapshot.
inline constexpr const char* kSnapshotManifest = "snapshot.json";

// What a snapshot says is in it.
struct SnapshotManifest {
  struct File {
    std::string path;  // In the snapshot.
    uint64_t bytes = 0;
  };

  std::string time;
  uint64_t packs = 0;
  uint64_t wal_segments = 0;
  std::vector<File> files;  // All others; those from before this was written down name none.

  std::string ToJson() const;
  // kDataLoss for what is no manifest, kUnimplemented for one of a later format.
  static Result<SnapshotManifest> Parse(std::string_view json);
};

// The files in a folder and below it, with their paths in it, in order.
Result<std::vector<SnapshotManifest::File>> ListFiles(FileSystem& files, const std::string& folder);

// OK if all is in the folder that its manifest says: files by name and size or, of a snapshot from
// before those were written down, packs and segments of the log by their number. kNotFound if there
// is no manifest; kDataLoss names what is missing.
Status CheckWhole(FileSystem& files, const std::string& snapshot);

}  // namespace skald::maintenance
