#include "app/data_lock.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <system_error>
#include <utility>

#include "app/data_folders.h"

namespace skald::app {
namespace {

// However a folder is spelled, it is one.
std::string Canonical(const std::string& folder) {
  std::error_code error;
  std::filesystem::path path = std::filesystem::weakly_canonical(folder, error);
  if (error) path = std::filesystem::absolute(folder).lexically_normal();
  std::string text = path.string();
  if (text.size() > 1 && text.ends_with('/')) text.pop_back();
  return text;
}

bool LiesIn(const std::string& folder, const std::string& outer) {
  return folder == outer || folder.starts_with(outer.ends_with('/') ? outer : outer + "/");
}

// The common folder if any of these lies in it, and each of these, as another Skald may have it
// with another common folder. The index has a lock of RocksDB's. In order: the common one is before
// what lies in it.
std::set<std::string> FoldersToLock(const AppConfig& config) {
  const maintenance::DataFolders data = DataFoldersOf(config);
  std::set<std::string> folders;
  for (const std::string& folder : {data.chunks, data.wal, data.requests}) {
    if (!folder.empty()) folders.insert(Canonical(folder));
  }
  if (config.path_prefix.empty()) return folders;
  const std::string prefix = Canonical(config.path_prefix);
  const bool common = LiesIn(Canonical(data.index), prefix) ||
                      std::ranges::any_of(folders, [&](const std::string& folder) {
                        return LiesIn(folder, prefix);
                      });
  if (common) folders.insert(prefix);
  return folders;
}

}  // namespace

Result<std::vector<FolderLock>> LockData(FileSystem& files, const AppConfig& config) {
  std::vector<FolderLock> locks;
  for (const std::string& folder : FoldersToLock(config)) {
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
