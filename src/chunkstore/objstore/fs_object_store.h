#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/objstore/object_store.h"
#include "common/files.h"
#include "common/lru_cache.h"
#include "common/mutex.h"

namespace skald::chunkstore {

// Objects as files under a folder, keys as paths.
//
// Ownership: borrows `files`.
// Threads:   any thread may call. folders_mutex_ guards which folders are known to exist.
// Cost:      keeps up to kOpenFiles files open for ranged reads.
class FsObjectStore final : public ObjectStore {
 public:
  // Makes the folder if needed and removes what interrupted writes have left there. No other
  // process may write to it.
  static Result<std::unique_ptr<FsObjectStore>> Open(FileSystem& files, std::string folder);

  // Leaves the folder as it is, which may be another process's: for those who only read.
  static std::unique_ptr<FsObjectStore> Attach(FileSystem& files, std::string folder);

  using ObjectStore::Put;
  Status Put(const std::string& key, std::span<const std::string_view> parts) override;
  Result<std::string> Get(const std::string& key) override;
  Status GetRange(const std::string& key, uint64_t offset, uint64_t count,
                  std::string& out) override;
  Result<std::vector<ObjectEntry>> List(std::string_view prefix) override;
  Status Delete(const std::string& key) override;

 private:
  // A file open for reading costs a descriptor; a busy querier has a few dozen packs in use.
  static constexpr size_t kOpenFiles = 512;

  FsObjectStore(FileSystem& files, std::string folder)
      : files_(files), folder_(std::move(folder)), open_files_(kOpenFiles) {}

  std::string PathOf(std::string_view key) const { return JoinPath(folder_, key); }
  // Makes the folders of `key`, durably.
  Status MakeFoldersOf(const std::string& key) SKALD_EXCLUDES(folders_mutex_);
  // Calls visit(key) for every file under the folder `key`, "" being the root.
  template <typename Visit>
  Status Walk(const std::string& key, const Visit& visit);

  FileSystem& files_;
  const std::string folder_;
  LruCache<std::unique_ptr<RandomReadFile>> open_files_;  // By key; each charged 1.

  Mutex folders_mutex_;
  StringMap<bool> known_folders_ SKALD_GUARDED_BY(folders_mutex_);
};

}  // namespace skald::chunkstore
