#pragma once

#include <string>

namespace skald::maintenance {

// Where a server keeps its data.
struct DataFolders {
  std::string chunks;  // Packs.
  std::string index;   // RocksDB.
  std::string wal;
};

}  // namespace skald::maintenance
