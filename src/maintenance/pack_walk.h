#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "chunkstore/format/chunk_layout.h"
#include "chunkstore/format/pack.h"
#include "chunkstore/objstore/fs_object_store.h"
#include "chunkstore/stored_pack.h"
#include "common/files.h"
#include "common/status.h"
#include "maintenance/finding.h"

namespace skald::maintenance {

// Looks at all packs in a folder, in the order of their names, and goes on where one is damaged.
//
// Ownership: borrows the file system.
// Threads:   one caller at a time.
class PackWalk {
 public:
  PackWalk(FileSystem& files, std::string folder);
  PackWalk(const PackWalk&) = delete;
  PackWalk& operator=(const PackWalk&) = delete;

  struct Pack {
    const chunkstore::ObjectEntry& object;
    std::string path;
    std::vector<chunkstore::PackEntry> chunks;
    std::optional<chunkstore::WholePackFilter> filter;  // Nothing also if it is damaged.
  };
  // Calls visit for each pack whose directory can be read; others are findings.
  Status ForEach(const std::function<void(const Pack&)>& visit, const OnFinding& on_finding);

  // The block table of a chunk, checked against the directory; nothing, and a finding, for damage.
  std::optional<chunkstore::ChunkHeader> ReadHead(const Pack& pack, size_t chunk,
                                                  const OnFinding& on_finding);
  // Bytes of the chunk.
  Status Read(const Pack& pack, size_t chunk, uint64_t offset, uint64_t count, std::string& out);

  // A finding about a chunk.
  static Finding At(const Pack& pack, size_t chunk, std::string what);

 private:
  std::optional<chunkstore::WholePackFilter> ReadFilter(const chunkstore::ObjectEntry& pack,
                                                        const std::string& path,
                                                        const OnFinding& on_finding);

  const std::string folder_;
  const std::unique_ptr<chunkstore::FsObjectStore> objects_;
};

}  // namespace skald::maintenance
