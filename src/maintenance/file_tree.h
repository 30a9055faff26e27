#pragma once

#include <cstdint>
#include <string>

#include "common/files.h"
#include "common/status.h"

namespace skald::maintenance {

// Files put elsewhere, and how.
struct FileCounts {
  uint64_t linked = 0;
  uint64_t copied = 0;
};

// Gives `from` the name `to` as well, which must be free; copies it where a link cannot be.
Status LinkOrCopy(FileSystem& files, const std::string& from, const std::string& to,
                  FileCounts& counts);

// Makes `to` of the first `bytes` of `from`, durably but for its name. kOutOfRange if there are not
// so many.
Status CopyBytes(FileSystem& files, const std::string& from, const std::string& to, uint64_t bytes);

// The same of all of it.
Status CopyFile(FileSystem& files, const std::string& from, const std::string& to);

// Makes `to` of a folder, with all that is in it, while others write there. What comes or goes
// meanwhile may be there or not; of a file that grows, a part. What AtomicWrite is about to put
// there is left out. Nothing is made of a folder that is not there.
Status CopyLiveTree(FileSystem& files, const std::string& from, const std::string& to,
                    FileCounts& counts);

// Whether it can be listed.
bool IsFolder(FileSystem& files, const std::string& path);

// A folder with all that is in it, or a file; OK if there is none.
Status RemoveTree(FileSystem& files, const std::string& path);

// Makes all names in a folder and below it durable.
Status SyncTree(FileSystem& files, const std::string& path);

}  // namespace skald::maintenance
