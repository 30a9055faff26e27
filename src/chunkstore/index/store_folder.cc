#include "chunkstore/index/store_folder.h"

#include <rocksdb/env.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "chunkstore/index/rocksdb_status.h"

namespace skald::chunkstore {
namespace {

// A file in a store's folder that says that the store is not to be opened.
constexpr std::string_view kDamagedMark = "/damaged";

// A store's folder has no folders in it. OK if there is none.
rocksdb::Status RemoveFolder(rocksdb::Env& env, const std::string& folder) {
  if (env.FileExists(folder).IsNotFound()) return {};
  std::vector<std::string> names;
  rocksdb::Status status = env.GetChildren(folder, &names);
  for (size_t i = 0; status.ok() && i < names.size(); ++i) {
    if (names[i] != "." && names[i] != "..") status = env.DeleteFile(folder + "/" + names[i]);
  }
  return status.ok() ? env.DeleteDir(folder) : status;
}

// Whether the file is gone that says which files are the store's: RocksDB would begin anew then,
// and remove them.
Result<bool> HasLostItsBeginning(rocksdb::Env& env, const std::string& folder) {
  if (!env.FileExists(folder + "/CURRENT").IsNotFound()) return false;
  std::vector<std::string> names;
  SKALD_RETURN_IF_ERROR(ToStatus(env.GetChildren(folder, &names)));
  return std::ranges::any_of(names, [](const std::string& name) {
    return name.ends_with(".sst") || name.ends_with(".log");
  });
}

std::string MarkOf(const std::string& folder) { return folder + std::string(kDamagedMark); }

}  // namespace

Status MakeStoreFolder(rocksdb::Env& env, const std::string& folder) {
  // RocksDB makes no folder above its own, and warns of its own where it is new.
  for (size_t slash = folder.find('/', 1); slash != std::string::npos;
       slash = folder.find('/', slash + 1)) {
    SKALD_RETURN_IF_ERROR(ToStatus(env.CreateDirIfMissing(folder.substr(0, slash))));
  }
  return ToStatus(env.CreateDirIfMissing(folder));
}

Status CheckStoreFolder(rocksdb::Env& env, const std::string& folder) {
  if (env.FileExists(MarkOf(folder)).ok()) return DataLoss("index: was found damaged");
  SKALD_ASSIGN_OR_RETURN(const bool lost, HasLostItsBeginning(env, folder));
  return lost ? DataLoss("index: CURRENT is missing") : Status();
}

Status MarkStoreDamaged(rocksdb::Env& env, const std::string& folder) {
  return ToStatus(rocksdb::WriteStringToFile(&env, "", MarkOf(folder), /*should_sync=*/true));
}

Status SetStoreFolderAside(rocksdb::Env& env, const std::string& folder) {
  const std::string aside = folder + ".damaged";
  rocksdb::Status status = RemoveFolder(env, aside);
  if (status.ok()) status = env.RenameFile(folder, aside);
  return status.ok() ? Status() : Annotate(ToStatus(status), "cannot set aside " + folder);
}

}  // namespace skald::chunkstore
