#pragma once

#include <string>

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

}  // namespace skald::maintenance
