#pragma once

#include <string>

#include "common/files.h"
#include "common/status.h"

namespace skald::maintenance {

// Where a server keeps its data.
struct DataFolders {
  std::string chunks;  // Packs.
  std::string index;   // RocksDB.
  std::string wal;
  std::string requests;  // To delete something.
  // Of rules; empty where there is none.
  std::string rules;         // That the API has written, as files ...
  std::string rule_objects;  // ... or as objects.
  std::string rule_state;    // A file: alerts, as they stand. With .json behind: of old versions.
  std::string rule_samples;  // Of recording rules, that are still to be sent.
};

// OK if anything is in the folders of packs, index or log; kNotFound, with where it was looked for,
// if not: then a path is wrong more likely than that a server has stored nothing.
Status CheckThereIsData(FileSystem& files, const DataFolders& folders);

}  // namespace skald::maintenance
