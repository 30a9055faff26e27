#include "app/data_lock.h"

#include <set>
#include <string>
#include <utility>

#include "app/data_folders.h"

namespace skald::app {
namespace {

std::string WithSlash(std::string folder) {
  if (!folder.ends_with('/')) folder += '/';
  return folder;
}

// Without those that lie in others: the lock on these keeps others off all that is in them.
std::set<std::string> FoldersToLock(const AppConfig& config) {
  const maintenance::DataFolders data = DataFoldersOf(config);
  std::set<std::string> folders;
  for (const std::string& folder : {data.chunks, data.index, data.wal, data.requests, data.rules,
                                    data.rule_objects, data.rule_samples}) {
    if (folder.empty()) continue;
    const bool common = WithSlash(folder).starts_with(WithSlash(config.path_prefix));
    folders.insert(WithSlash(common ? config.path_prefix : folder));
  }
  return folders;
}

}  // namespace

Result<std::vector<FolderLock>> LockData(FileSystem& files, const AppConfig& config) {
  std::vector<FolderLock> locks;
  for (std::string folder : FoldersToLock(config)) {
    if (folder.size() > 1) folder.pop_back();
    Result<FolderLock> lock = FolderLock::Take(files, folder);
    if (lock.status().code() == StatusCode::kFailedPrecondition) {
      return Status(StatusCode::kFailedPrecondition,
                    std::string(lock.status().message()) +
                        ": stop it, or give this one a folder of its own with "
                        "-common.path-prefix");
    }
    SKALD_RETURN_IF_ERROR(lock.status());
    locks.push_back(*std::move(lock));
  }
  return locks;
}

}  // namespace skald::app
