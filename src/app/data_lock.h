#pragma once

#include <vector>

#include "app/app_config.h"
#include "common/files.h"
#include "common/folder_lock.h"
#include "common/status.h"

namespace skald::app {

// Takes, for this process alone, the folders in which one of `config`, which is complete, keeps
// packs, log and delete requests, and common.path_prefix if any data is in it. A second Skald there
// would take what the first has not finished for what a crash has left. kFailedPrecondition, with
// what to do about it, when another has one of them.
Result<std::vector<FolderLock>> LockData(FileSystem& files, const AppConfig& config);

}  // namespace skald::app
