#pragma once

#include <string>

namespace skald::maintenance {

// Where a server keeps its data.
struct DataFolders {
  std::string chunks;  // Packs.
  std::string index;   // RocksDB.
  std::string wal;
  std::string requests;  // To delete something.
};

}  // namespace skald::maintenance
